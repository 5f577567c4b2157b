"""Thresholds of several labels, fitted on validation scores: the best metric, or an aim each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from burnish.tasks.aims import ENOUGH, Aim, cut_for
from burnish.tasks.scores import f1, ratio

__all__ = ["aimed_thresholds", "tune_thresholds"]

_GRID = np.round(np.arange(0.05, 0.96, 0.01), 2)


BoolArray: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.int64]


def tune_thresholds(
    scores: npt.NDArray[np.float64],
    true: BoolArray,
    *,
    metric: str = "micro_f1",
    best: Places | None = None,
) -> npt.NDArray[np.float64]:
    """One threshold a label.

    The best common threshold first, then one pass over the labels with enough true rows, each
    moved to where the metric is best while the others stay.

    Args:
        scores: (rows, labels) probabilities.
        true: (rows, labels) whether the label holds.
        metric: ``micro_f1``, ``macro_f1`` or ``accuracy``, which counts rows right in full.
        best: (rows,) the label that a row gets where no score reaches its threshold; None: then it
            gets none.

    Returns:
        (labels,) thresholds, each between 0.05 and 0.95.
    """
    passed = np.searchsorted(_GRID, scores, side="right")
    reach = _REACHES[metric](passed, true, best)
    labels = np.arange(scores.shape[1])
    everywhere = np.repeat(np.arange(len(_GRID))[:, None], len(labels), axis=1)
    common = int(np.argmax([reach(each, None)[0] for each in everywhere]))
    chosen = np.full(len(labels), common)
    for label in np.flatnonzero(true.sum(0) >= ENOUGH):
        found = reach(chosen, int(label))
        highest = np.flatnonzero(found >= found.max() - 1e-12)
        # Among equals the nearest to the common threshold: it generalizes.
        chosen[label] = int(highest[np.argmin(np.abs(highest - common))])
    return np.asarray(_GRID[chosen])


_Reach: TypeAlias = Callable[[Places, int | None], npt.NDArray[np.float64]]
"""The metric for (labels,) places in the grid: (1,), or (grid,) with one label at every place."""


def _reach_f1(passed: Places, true: BoolArray, best: Places | None, *, macro: bool) -> _Reach:
    """``passed`` is how many thresholds of the grid each score reaches, (rows, labels)."""
    right = np.stack([((passed > place) & true).sum(0) for place in range(len(_GRID))])
    predicted = np.stack([(passed > place).sum(0) for place in range(len(_GRID))])
    total, labels = true.sum(0), np.arange(passed.shape[1])

    def reach(chosen: Places, label: int | None) -> npt.NDArray[np.float64]:
        places = _varied(chosen, label)
        hits, said = right[places, labels], predicted[places, labels]
        if best is not None:
            bare, until = _bare(passed, chosen, label)
            found = true[bare, best[bare]]
            hits = hits + _counts(until[found], best[bare][found], like=hits)
            said = said + _counts(until, best[bare], like=said)
        if not macro:
            return np.asarray(f1(hits.sum(1), said.sum(1), total.sum()))
        occurs = said + total > 0  # as the metric counts
        return np.asarray(ratio((f1(hits, said, total) * occurs).sum(1), occurs.sum(1)))

    return reach


def _bare(passed: Places, chosen: Places, label: int | None) -> tuple[Places, Places]:
    """The rows that get none of the other labels, and the place from which they do not get it."""
    given = passed > chosen
    if label is not None:
        given[:, label] = False
    bare = np.flatnonzero(~given.any(1))
    return bare, np.zeros(len(bare), np.int64) if label is None else passed[bare, label]


def _counts(until: Places, best: Places, *, like: Places) -> Places:
    """(grid, labels) how often each label is given because there is no other."""
    counts = np.zeros((len(like) + 1, like.shape[1]), np.int64)
    np.add.at(counts, (until, best), 1)
    return np.asarray(counts.cumsum(0)[:-1])


def _reach_accuracy(passed: Places, true: BoolArray, best: Places | None) -> _Reach:
    grid = np.arange(len(_GRID))[:, None]
    alone = np.zeros(len(true), np.bool_)
    if best is not None:
        alone = (true.sum(1) == 1) & true[np.arange(len(true)), best]

    def reach(chosen: Places, label: int | None) -> npt.NDArray[np.float64]:
        given = passed > chosen
        right = given == true
        if label is None:
            full = right.all(1)
            # With the rule, a row without a label is right if the best is its only one.
            return np.array(
                [(full if best is None else np.where(given.any(1), full, alone)).mean()]
            )
        own = passed[:, label] > grid
        full = (own == true[:, label]) & np.delete(right, label, axis=1).all(1)
        if best is not None:
            full = np.where(own | np.delete(given, label, axis=1).any(1), full, alone)
        return np.asarray(full.mean(1))

    return reach


def _varied(chosen: Places, label: int | None) -> Places:
    """(1, labels), or (grid, labels) with one label at every place of the grid."""
    if label is None:
        return chosen[None]
    places = np.tile(chosen, (len(_GRID), 1))
    places[:, label] = np.arange(len(_GRID))
    return places


_REACHES: Mapping[str, Callable[[Places, BoolArray, Places | None], _Reach]] = {
    "micro_f1": partial(_reach_f1, macro=False),
    "macro_f1": partial(_reach_f1, macro=True),
    "accuracy": _reach_accuracy,
}


def aimed_thresholds(
    aim: Aim, scores: npt.NDArray[np.float64], true: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """One threshold a label, each for a precision or a recall of its own.

    A label with too few true rows has the threshold with which all labels together reach the aim.

    Args:
        aim: a precision or a recall.
        scores: (rows, labels) probabilities.
        true: (rows, labels) whether the label holds.

    Returns:
        (labels,) thresholds; one that rows of validation cannot reach comes as near as it can.
    """
    common = cut_for(aim, scores.ravel(), true.ravel()).threshold
    enough = true.sum(0) >= ENOUGH
    return np.array(
        [
            cut_for(aim, scores[:, label], true[:, label]).threshold if own else common
            for label, own in enumerate(enough)
        ]
    )
