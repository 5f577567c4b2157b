"""The sentences of a document that together are most like a summary that somebody wrote.

They are the labels of extractive summaries (Nallapati et al. 2017, https://arxiv.org/abs/1611.04230;
Liu & Lapata 2019, https://arxiv.org/abs/1908.08345), and the best that choosing whole sentences can
be expected to reach.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from burnish.tasks.ngrams import ngrams, tokens

__all__ = ["greedy_oracle"]

_Gram: TypeAlias = tuple[str, ...]
_LEAST_GAIN = 1e-9
"""Less is rounding."""


def greedy_oracle(
    sentences: Sequence[str], reference: str, *, most: int | None = None
) -> tuple[int, ...]:
    """Choose the sentence that raises ROUGE-1 plus ROUGE-2 (F1) most, until none raises it.

    Args:
        sentences: of the document, in order.
        reference: the summary that somebody wrote.
        most: how many sentences may be chosen.

    Returns:
        The places of the chosen sentences, ascending; of equals the earlier is chosen. Empty if no
        sentence shares a word with the reference.
    """
    choice = _Choice([tokens(sentence) for sentence in sentences], tokens(reference))
    waiting = {place for place, words in enumerate(choice.words) if words}
    score = 0.0
    while waiting and (most is None or len(choice.places) < most):
        best, place = max((choice.score_with(place), -place) for place in waiting)
        if best <= score + _LEAST_GAIN:
            break
        score = best
        choice.add(-place)
        waiting.remove(-place)
    return tuple(choice.places)


class _Choice:
    """Chosen sentences, and how much their text, joined in order, shares with a reference."""

    def __init__(self, words: Sequence[Sequence[str]], reference: Sequence[str]) -> None:
        self.words = words
        self.places: list[int] = []
        self._singles = _Overlap(ngrams(reference, 1))
        self._pairs = _Overlap(ngrams(reference, 2))
        self._single_counts = [self._singles.of(ngrams(each, 1)) for each in words]
        self._pair_counts = [self._pairs.of(ngrams(each, 2)) for each in words]

    def score_with(self, place: int) -> float:
        """ROUGE-1 plus ROUGE-2 when one more sentence is chosen."""
        length = len(self.words[place])
        joins = 1 if self.places else 0
        new, gone = self._joints(place)
        return self._singles.f1_with(self._single_counts[place], length) + self._pairs.f1_with(
            self._pair_counts[place], length - 1 + joins, new, gone
        )

    def add(self, place: int) -> None:
        length = len(self.words[place])
        joins = 1 if self.places else 0
        new, gone = self._joints(place)
        self._singles.add(self._single_counts[place], length)
        self._pairs.add(self._pair_counts[place], length - 1 + joins, new, gone)
        insort(self.places, place)

    def _joints(self, place: int) -> tuple[list[_Gram], list[_Gram]]:
        """Pairs across the sentence's borders, and the pair that it parts."""
        at = bisect_left(self.places, place)
        before = self.words[self.places[at - 1]][-1] if at else None
        after = self.words[self.places[at]][0] if at < len(self.places) else None
        words = self.words[place]
        new: list[_Gram] = [(before, words[0])] if before is not None else []
        new += [(words[-1], after)] if after is not None else []
        gone: list[_Gram] = [(before, after)] if before is not None and after is not None else []
        return new, gone


class _Overlap:
    """N-grams of the chosen text that a reference has too."""

    def __init__(self, wanted: Counter[_Gram]) -> None:
        self._wanted = wanted
        self._whole = wanted.total()
        self._counts: Counter[_Gram] = Counter()
        self._shared = 0
        self._length = 0

    def of(self, counts: Counter[_Gram]) -> dict[_Gram, int]:
        """Only the n-grams that the reference has."""
        return {gram: count for gram, count in counts.items() if gram in self._wanted}

    def f1_with(
        self,
        counts: dict[_Gram, int],
        length: int,
        new: Iterable[_Gram] = (),
        gone: Iterable[_Gram] = (),
    ) -> float:
        """F1 with ``length`` more n-grams: twice what is shared over the sum of both."""
        shared = self._shared + self._gain(self._changes(counts, new, gone))
        whole = self._whole + self._length + length
        return 2 * shared / whole if whole else 0.0

    def add(
        self,
        counts: dict[_Gram, int],
        length: int,
        new: Iterable[_Gram] = (),
        gone: Iterable[_Gram] = (),
    ) -> None:
        changes = self._changes(counts, new, gone)
        self._shared += self._gain(changes)
        self._length += length
        for gram, change in changes.items():
            self._counts[gram] += change

    def _changes(
        self,
        counts: dict[_Gram, int],
        new: Iterable[_Gram],
        gone: Iterable[_Gram],
    ) -> dict[_Gram, int]:
        edges = [(gram, 1) for gram in new] + [(gram, -1) for gram in gone]
        edges = [edge for edge in edges if edge[0] in self._wanted]
        if not edges:
            return counts
        changed = dict(counts)
        for gram, change in edges:
            changed[gram] = changed.get(gram, 0) + change
        return changed

    def _gain(self, changes: dict[_Gram, int]) -> int:
        gain = 0
        for gram, change in changes.items():
            wanted, there = self._wanted[gram], self._counts[gram]
            gain += min(there + change, wanted) - min(there, wanted)
        return gain
