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


def tune_thresholds(
    scores: npt.NDArray[np.float64], true: npt.NDArray[np.bool_], *, metric: str = "micro_f1"
) -> npt.NDArray[np.float64]:
    """One threshold a label.

    The best common threshold first, then one pass over the labels with enough true rows, each
    moved to where the metric is best while the others stay.

    Args:
        scores: (rows, labels) probabilities.
        true: (rows, labels) whether the label holds.
        metric: ``micro_f1``, ``macro_f1`` or ``accuracy``, which counts rows right in full.

    Returns:
        (labels,) thresholds, each between 0.05 and 0.95.
    """
    reach = _REACHES[metric](scores, true)
    labels = np.arange(scores.shape[1])
    everywhere = np.repeat(np.arange(len(_GRID))[:, None], len(labels), axis=1)
    common = int(np.argmax([reach(each, None)[0] for each in everywhere]))
    chosen = np.full(len(labels), common)
    for label in np.flatnonzero(true.sum(0) >= ENOUGH):
        found = reach(chosen, int(label))
        best = np.flatnonzero(found >= found.max() - 1e-12)
        # Among equals the nearest to the common threshold: it generalizes.
        chosen[label] = int(best[np.argmin(np.abs(best - common))])
    return np.asarray(_GRID[chosen])


_Reach: TypeAlias = Callable[[npt.NDArray[np.int64], int | None], npt.NDArray[np.float64]]
"""The metric for (labels,) places in the grid: (1,), or (grid,) with one label at every place."""


def _reach_f1(
    scores: npt.NDArray[np.float64], true: npt.NDArray[np.bool_], *, macro: bool
) -> _Reach:
    right = np.stack([((scores >= t) & true).sum(0) for t in _GRID])
    predicted = np.stack([(scores >= t).sum(0) for t in _GRID])
    total, labels = true.sum(0), np.arange(scores.shape[1])

    def reach(chosen: npt.NDArray[np.int64], label: int | None) -> npt.NDArray[np.float64]:
        places = _varied(chosen, label)
        hits, said = right[places, labels], predicted[places, labels]
        if not macro:
            return np.asarray(f1(hits.sum(1), said.sum(1), total.sum()))
        occurs = said + total > 0  # as the metric counts
        return np.asarray(ratio((f1(hits, said, total) * occurs).sum(1), occurs.sum(1)))

    return reach


def _reach_accuracy(scores: npt.NDArray[np.float64], true: npt.NDArray[np.bool_]) -> _Reach:
    def reach(chosen: npt.NDArray[np.int64], label: int | None) -> npt.NDArray[np.float64]:
        right = (scores >= _GRID[chosen]) == true
        if label is None:
            return np.array([right.all(1).mean()])
        others = np.delete(right, label, axis=1).all(1)
        own = (scores[:, label] >= _GRID[:, None]) == true[:, label]
        return np.asarray((own & others).mean(1))

    return reach


def _varied(chosen: npt.NDArray[np.int64], label: int | None) -> npt.NDArray[np.int64]:
    """(1, labels), or (grid, labels) with one label at every place of the grid."""
    if label is None:
        return chosen[None]
    places = np.tile(chosen, (len(_GRID), 1))
    places[:, label] = np.arange(len(_GRID))
    return places


_REACHES: Mapping[str, Callable[[npt.NDArray[np.float64], npt.NDArray[np.bool_]], _Reach]] = {
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
