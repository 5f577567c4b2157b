"""The tokens of a text in arrays: Python's lists of numbers take many times their memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from burnish.arrays import IntArray

__all__ = ["TextTokens", "joined"]


_CHUNK = 16_384
"""Tokens that are turned into an array at once: it keeps the interpreter lock meanwhile."""


@dataclass(frozen=True, slots=True, eq=False)
class TextTokens:
    """A tokenized text, without special tokens."""

    ids: IntArray
    """(tokens,)."""
    offsets: IntArray
    """(tokens, 2) in Unicode code points; (0, 2) where they were not asked for."""
    words: IntArray
    """(tokens,) index of each token's word, -1 where it belongs to none; (0,) without offsets."""

    @classmethod
    def of(
        cls,
        ids: Sequence[int],
        offsets: Sequence[tuple[int, int]] = (),
        words: Sequence[int] = (),
    ) -> TextTokens:
        """Make arrays of the library's lists."""
        return cls(
            _array_of(ids, width=1).reshape(-1),
            _array_of(offsets, width=2) if offsets else np.empty((0, 2), dtype=np.int64),
            _array_of(words, width=1).reshape(-1) if words else np.empty(0, dtype=np.int64),
        )


def joined(pieces: Iterable[TextTokens]) -> TextTokens:
    """The pieces of a text as one; each begins a new word."""
    parts = list(pieces)
    if len(parts) == 1:
        return parts[0]
    past = 0
    for part in parts:
        known = part.words >= 0
        part.words[known] += past
        past = max(past, int(part.words.max(initial=-1)) + 1)
    return TextTokens(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.offsets for part in parts]),
        np.concatenate([part.words for part in parts]),
    )


def _array_of(values: Sequence[object], *, width: int) -> IntArray:
    """(len(values), width)."""
    if len(values) <= _CHUNK:
        return np.array(values, dtype=np.int64).reshape(-1, width)
    array = np.empty((len(values), width), dtype=np.int64)
    for begin in range(0, len(values), _CHUNK):
        part = values[begin : begin + _CHUNK]
        array[begin : begin + len(part)] = np.array(part, dtype=np.int64).reshape(-1, width)
    return array
