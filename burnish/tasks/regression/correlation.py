"""Correlations of rows that count several times, as a bootstrap needs them."""

from __future__ import annotations

import numpy as np

from burnish.arrays import DoubleArray
from burnish.tasks.scores import ratio

__all__ = ["pearson", "spearman"]


def pearson(one: DoubleArray, other: DoubleArray, weights: DoubleArray) -> DoubleArray:
    """Pearson's correlation; 0 where one side has no spread.

    Args:
        one: (n,) or (…, n) numbers.
        other: as ``one``.
        weights: (…, n) how often each row counts.
    """
    total = weights.sum(-1, keepdims=True)
    left = one - (weights * one).sum(-1, keepdims=True) / total
    right = other - (weights * other).sum(-1, keepdims=True) / total
    spread = np.sqrt((weights * left**2).sum(-1) * (weights * right**2).sum(-1))
    # Of equal numbers the spread is not always exactly 0.
    flat = (
        spread <= 1e-12 * np.maximum(1.0, np.abs(one).max() * np.abs(other).max()) * total[..., 0]
    )
    found = ratio((weights * left * right).sum(-1), np.where(flat, 0.0, spread))
    return np.clip(found, -1.0, 1.0)


def spearman(one: DoubleArray, other: DoubleArray, weights: DoubleArray) -> DoubleArray:
    """Spearman's rank correlation (1904): Pearson's of the ranks, ties at their mean rank.

    Args:
        one: (n,) numbers.
        other: (n,) numbers.
        weights: (…, n) how often each row counts.
    """
    return pearson(_ranks(one, weights), _ranks(other, weights), weights)


def _ranks(values: DoubleArray, weights: DoubleArray) -> DoubleArray:
    """(…, n) the rank of each value among all, each value counted as often as its weight says."""
    _, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    masses = np.add.reduceat(weights[..., order], starts, axis=-1)
    below = np.cumsum(masses, axis=-1) - masses
    return np.asarray((below + masses / 2)[..., place])
