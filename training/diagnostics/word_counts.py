"""Counts of words in bounded memory, however large the texts are.

Lossy counting (Manku & Motwani 2002, "Approximate Frequency Counts over Data Streams"), with a
table that is cut when it is full instead of at fixed intervals: as long as all words fit into it,
every count is exact.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, ItemsView
from hashlib import blake2b

__all__ = ["MOST_BYTES", "Word", "WordCounts"]

Word = tuple[str, str]
"""What a tokenizer's model gets, and the word as it is shown."""

MOST_BYTES = 128 * 2**20
"""Of the table: some 400,000 different words."""
_ENTRY_BYTES = 200
"""Of a word's place in the table, its count and the pair of its texts."""
_SKETCH = 2**14
"""Hashes that are kept: the estimate's standard error is 1 / sqrt of it, 0.8 %."""


class WordCounts:
    """How often words occur; the rarest are dropped when there are too many.

    A word that was dropped is counted anew if it comes again.

    Args:
        dropped: called with each word that is dropped, and how often it was counted.
        most_bytes: how large the table may become.
    """

    def __init__(self, dropped: Callable[[Word, int], None], *, most_bytes: int) -> None:
        self.uncounted = 0
        """A word may have occurred this often more than it was counted; 0 if none was dropped."""
        self._dropped, self._most_bytes = dropped, most_bytes
        self._counts: dict[Word, int] = {}
        self._missed: dict[Word, int] = {}
        """How often a word may have occurred before its count began, where that is not 0."""
        self._bytes = 0
        self._distinct: _Distinct | None = None

    def add(self, word: Word) -> None:
        """Count a word once."""
        if word in self._counts:
            self._counts[word] += 1
            return
        self._counts[word] = 1
        if self.uncounted:
            self._missed[word] = self.uncounted
        if self._distinct is not None:
            self._distinct.add(word)
        self._bytes += _bytes_of(word)
        if self._bytes > self._most_bytes:
            self._cut()

    def items(self) -> ItemsView[Word, int]:
        """The words that are kept, and how often each was counted."""
        return self._counts.items()

    @property
    def different(self) -> int:
        """How many different words there were; an estimate as soon as one was dropped."""
        kept = len(self._counts)
        return kept if self._distinct is None else max(kept, self._distinct.estimate())

    def _cut(self) -> None:
        """Drop the rarest words, and all as rare as they are, until half of the table is free."""
        if self._distinct is None:
            self._distinct = _Distinct()
            for word in self._counts:
                self._distinct.add(word)
        # No word can have occurred more often than this.
        most = {word: count + self._missed.get(word, 0) for word, count in self._counts.items()}
        for word in sorted(most, key=most.__getitem__):
            if self._bytes <= self._most_bytes / 2 and most[word] > self.uncounted:
                break
            self.uncounted = max(self.uncounted, most[word])
            self._bytes -= _bytes_of(word)
            self._missed.pop(word, None)
            self._dropped(word, self._counts.pop(word))


class _Distinct:
    """How many different words were added, by the least hashes of them.

    Of n values that are spread evenly over 0 to 1, the k-th is about k / n (Bar-Yossef et al.
    2002, "Counting Distinct Elements in a Data Stream").
    """

    def __init__(self) -> None:
        self._kept: set[int] = set()
        self._largest_first: list[int] = []

    def add(self, word: Word) -> None:
        text = "\0".join(word).encode("utf-8", "surrogatepass")
        value = int.from_bytes(blake2b(text, digest_size=8).digest())
        if value in self._kept:
            return
        if len(self._kept) < _SKETCH:
            heapq.heappush(self._largest_first, -value)
        elif value < -self._largest_first[0]:
            self._kept.remove(-heapq.heapreplace(self._largest_first, -value))
        else:
            return
        self._kept.add(value)

    def estimate(self) -> int:
        if len(self._kept) < _SKETCH:
            return len(self._kept)
        return round((_SKETCH - 1) * 2**64 / -self._largest_first[0])


def _bytes_of(word: Word) -> int:
    return _ENTRY_BYTES + sum(map(sys.getsizeof, word))
