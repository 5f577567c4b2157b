"""Thresholds of a tree's levels, fitted on validation scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from burnish.arrays import DoubleArray
from burnish.tasks.aims import ENOUGH, Aim, cut_for
from burnish.tasks.taxonomy.statistics import BoolArray, TreeSets, tree_metrics, tree_statistics
from burnish.tasks.tree import LabelTree

__all__ = ["Choose", "aimed_levels", "tune_levels"]

_GRID = np.round(np.arange(0.0, 0.951, 0.025), 3)

Choose: TypeAlias = Callable[[DoubleArray], BoolArray]
"""From (n,) thresholds to the (rows, n) labels that are given."""


def tune_levels(
    tree: LabelTree, true: BoolArray, choose: Choose, *, metric: str, common: bool
) -> DoubleArray:
    """One threshold a level: the best common one, then each level moved while the others stay.

    Args:
        tree: of the labels.
        true: (rows, n) closed sets.
        choose: what is given at thresholds.
        metric: to make as high as possible.
        common: look for a common one first; else every level starts at 0, which keeps every path
            whole.

    Returns:
        (n,) the threshold of each label's level, from 0 to 0.95. Among equals it is the nearest to
        the common one. A level with few true rows keeps that.
    """

    def reach(thresholds: DoubleArray) -> float:
        given = choose(thresholds)
        sets = TreeSets.of(tree, true, given)
        totals = tree_statistics(tree, sets, given, distances=False).sum(axis=0)
        return float(tree_metrics(tree, totals)[metric])

    everywhere = np.ones(len(tree.labels))
    start = 0.0
    if common:
        start = float(_GRID[int(np.argmax([reach(each * everywhere) for each in _GRID]))])
    chosen = start * everywhere
    for places in tree.levels:
        if true[:, places].sum() < ENOUGH:
            continue
        found = []
        for each in _GRID:
            chosen[places] = each
            found.append(reach(chosen))
        best = np.flatnonzero(np.array(found) >= max(found) - 1e-12)
        chosen[places] = _GRID[best[np.argmin(np.abs(_GRID[best] - start))]]
    return chosen


def aimed_levels(tree: LabelTree, aim: Aim, scores: DoubleArray, true: BoolArray) -> DoubleArray:
    """One threshold a level for a precision or a recall, (n,).

    Args:
        tree: of the labels.
        aim: a precision or a recall.
        scores: (rows, n) probabilities.
        true: (rows, n) closed sets.
    """
    everything = cut_for(aim, scores.ravel(), true.ravel()).threshold
    chosen = np.full(len(tree.labels), everything)
    for places in tree.levels:
        own = true[:, places]
        if own.sum() >= ENOUGH:
            chosen[places] = cut_for(aim, scores[:, places].ravel(), own.ravel()).threshold
    return chosen
