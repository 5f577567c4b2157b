"""Which sentences a summary is made of: the best ones that do not repeat each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from burnish.arrays import BoolArray, DoubleArray, FloatArray, IntArray
from burnish.tasks.ngrams import tokens

__all__ = ["Length", "choose"]


class Length(BaseModel):
    """How long a summary may be: exactly one of the three."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentences: int | None = Field(default=None, ge=1)
    words: int | None = Field(default=None, ge=1)
    ratio: float | None = Field(default=None, gt=0, le=1)
    """Share of the document's words."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [value for value in (self.sentences, self.words, self.ratio) if value is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of sentences, words and ratio")
        return self


def choose(
    scores: FloatArray | DoubleArray,
    sentences: Sequence[str],
    *,
    length: Length,
    diversity: float = 0.0,
) -> list[int]:
    """Choose sentences by maximal marginal relevance (Carbonell & Goldstein 1998).

    The next one has the greatest ``(1 - diversity) * score - diversity * overlap``. Its overlap is
    the largest share of its distinct words that one of the chosen has too
    (https://doi.org/10.1145/290941.291025). A sentence that would pass a limit of words is left
    out, and shorter ones are tried.

    Args:
        scores: (sentences,), the higher the better; from 0 to 1, so that the two terms compare.
        sentences: of the document, in order. One without a letter, such as a paragraph's number, is
            not chosen beside others.
        length: how long the summary may be. Words are those of ROUGE: see `ngrams.tokens`.
        diversity: 0 looks at scores alone, 1 at overlaps alone.

    Returns:
        Places of the chosen sentences, ascending. Of equals the earlier is chosen. It is at least
        one where there are any: the best of all if every sentence is longer than the limit.

    Raises:
        ValueError: there is not one score per sentence, or ``diversity`` is not from 0 to 1.
    """
    if scores.shape != (len(sentences),):
        raise ValueError(f"{scores.shape} scores for {len(sentences)} sentences")
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity is {diversity}; it goes from 0 to 1")
    if not sentences:
        return []
    words = [tokens(sentence) for sentence in sentences]
    lengths = np.array([len(each) for each in words], dtype=np.int64)
    values = scores.astype(np.float64)
    spoken = np.array([any(map(str.isalpha, "".join(each))) for each in words])
    free = spoken if spoken.any() else np.ones(len(words), dtype=np.bool_)
    chosen = _by_relevance(values, words, lengths, free, length=length, diversity=diversity)
    return sorted(chosen) or [int(np.argmax(np.where(free, values, -np.inf)))]


def _by_relevance(
    scores: DoubleArray,
    words: Sequence[Sequence[str]],
    lengths: IntArray,
    free: BoolArray,
    *,
    length: Length,
    diversity: float,
) -> list[int]:
    """The chosen in the order of choice; none: no sentence is short enough."""
    most = length.sentences or len(words)
    left = _word_limit(length, int(lengths.sum()))
    free = free & (lengths <= left)
    overlaps = _Overlaps(words) if diversity else None
    overlap = np.zeros(len(words))
    chosen: list[int] = []
    while len(chosen) < most and free.any():
        gains = (1 - diversity) * scores - diversity * overlap
        best = int(np.argmax(np.where(free, gains, -np.inf)))
        chosen.append(best)
        left -= int(lengths[best])
        free[best] = False
        free &= lengths <= left
        if overlaps is not None:
            overlap = np.maximum(overlap, overlaps.with_sentence(best))
    return chosen


def _word_limit(length: Length, whole: int) -> int:
    if length.words is not None:
        return length.words
    return whole if length.ratio is None else int(length.ratio * whole)


class _Overlaps:
    """Which sentences have a word: comparing one with all takes no loop over all."""

    def __init__(self, words: Sequence[Sequence[str]]) -> None:
        distinct = [set(each) for each in words]
        having: dict[str, list[int]] = {}
        for place, each in enumerate(distinct):
            for word in each:
                having.setdefault(word, []).append(place)
        self._distinct = distinct
        self._having = {word: np.array(places) for word, places in having.items()}
        self._sizes = np.maximum([len(each) for each in distinct], 1)

    def with_sentence(self, place: int) -> DoubleArray:
        """(sentences,): the share of each one's distinct words that this one has."""
        found = [self._having[word] for word in self._distinct[place]]
        if not found:
            return np.zeros(len(self._sizes))
        counts = np.bincount(np.concatenate(found), minlength=len(self._sizes))
        return np.asarray(counts / self._sizes, dtype=np.float64)
