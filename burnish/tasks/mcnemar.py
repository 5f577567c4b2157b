"""The exact paired test of two models' right answers."""

from __future__ import annotations

import math

__all__ = ["paired_test"]


def paired_test(lost: int, gained: int) -> float:
    """Two-sided exact McNemar test (McNemar 1947): each lost or gained answer is a coin throw.

    Args:
        lost: rows that only the first model answers right.
        gained: rows that only the second one does.
    """
    count = lost + gained
    tail = sum(math.comb(count, k) for k in range(min(lost, gained) + 1))
    return min(1.0, tail / (1 << count) * 2)
