"""Shingles: which texts are nearly the same, by MinHash and locality-sensitive hashing.

A text is the set of its runs of four characters. Sets with a large Jaccard similarity have equal
minima under many of a family of random orders (Broder 1997); texts that agree in a band of such
minima are compared in full (Indyk and Motwani 1998).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["NearPair", "near_pairs"]

UintArray = npt.NDArray[np.uint32]

_WIDTH = 4
_BANDS, _ROWS = 16, 4
"""At a similarity of 0.8 a pair is compared with probability 1 - (1 - 0.8^4)^16 = 0.9998."""
_FEWEST = 20
"""A shorter text is nearly the same as many others by chance."""


@dataclass(frozen=True, slots=True)
class NearPair:
    """A text and an earlier one that is nearly the same."""

    later: int
    earlier: int
    similarity: float
    """Jaccard similarity of their shingles."""


def near_pairs(
    texts: Sequence[str], *, groups: Sequence[Hashable], similarity: float = 0.8
) -> list[NearPair]:
    """For each text an earlier one of each group that is nearly the same, where there is one.

    Args:
        texts: folded as they shall be compared.
        groups: one a text; a text is compared with texts of every group.
        similarity: from which a pair counts.
    """
    sets = [_shingles(text) for text in texts]
    kept = [index for index, values in enumerate(sets) if len(values) >= _FEWEST]
    found: dict[tuple[int, Hashable], NearPair] = {}
    if not kept:
        return []
    for later, earlier in sorted(set(_candidates(sets, kept, groups))):
        key = later, groups[earlier]
        likeness = _jaccard(sets[later], sets[earlier])
        if likeness >= similarity and key not in found:
            found[key] = NearPair(later, earlier, likeness)
    return list(found.values())


def _shingles(text: str) -> UintArray:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    if len(codes) < _WIDTH:
        return np.empty(0, dtype=np.uint32)
    hashed = np.zeros(len(codes) - _WIDTH + 1, dtype=np.uint32)
    for offset in range(_WIDTH):
        hashed = hashed * np.uint32(0x01000193) + codes[offset : offset + len(hashed)]
    # The finisher of MurmurHash3: neighbouring characters give far numbers.
    hashed ^= hashed >> np.uint32(16)
    hashed *= np.uint32(0x85EBCA6B)
    hashed ^= hashed >> np.uint32(13)
    hashed *= np.uint32(0xC2B2AE35)
    hashed ^= hashed >> np.uint32(16)
    return np.unique(hashed)


def _signatures(sets: Sequence[UintArray]) -> UintArray:
    """(bands * rows, sets) minima under random linear orders."""
    values = np.concatenate(sets)
    starts = np.cumsum([0, *(len(each) for each in sets[:-1])])
    rng = np.random.default_rng(0)
    factors = rng.integers(1, 2**31, _BANDS * _ROWS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    offsets = rng.integers(0, 2**32, _BANDS * _ROWS, dtype=np.uint32)
    return np.stack(
        [np.minimum.reduceat(values * a + b, starts) for a, b in zip(factors, offsets, strict=True)]
    )


def _candidates(
    sets: Sequence[UintArray], kept: Sequence[int], groups: Sequence[Hashable]
) -> Iterator[tuple[int, int]]:
    """Pairs of indices, later before earlier, that agree in a band."""
    signatures = _signatures([sets[index] for index in kept])
    for band in range(_BANDS):
        rows = np.ascontiguousarray(signatures[band * _ROWS : (band + 1) * _ROWS].T)
        # In a bucket each is compared with the first and the last of each group before it: all
        # pairs of a template that stands there a thousand times would be half a million.
        buckets: dict[bytes, dict[Hashable, tuple[int, int]]] = {}
        for index, key in zip(kept, rows, strict=True):
            ends = buckets.setdefault(key.tobytes(), {})
            for first, last in ends.values():
                yield index, first
                yield index, last
            own = ends.get(groups[index])
            ends[groups[index]] = (index, index) if own is None else (own[0], index)


def _jaccard(one: UintArray, other: UintArray) -> float:
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / (len(one) + len(other) - shared)
