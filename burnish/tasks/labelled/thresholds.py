"""Thresholds of several labels, fitted on validation scores: the best micro F1, or an aim each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from burnish.tasks.aims import Aim, cut_for
from burnish.tasks.scores import f1

__all__ = ["aimed_thresholds", "tune_thresholds"]

_GRID = np.round(np.arange(0.05, 0.96, 0.01), 2)
_ENOUGH = 20
"""True rows from which a label gets a threshold of its own; fewer would fit noise."""


def tune_thresholds(
    scores: npt.NDArray[np.float64], true: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """One threshold a label.

    The best common threshold first, then one pass over the labels with enough true rows, each
    moved to where the micro F1 of all labels is best while the others stay.

    Args:
        scores: (rows, labels) probabilities.
        true: (rows, labels) whether the label holds.

    Returns:
        (labels,) thresholds, each between 0.05 and 0.95.
    """
    right = np.stack([((scores >= t) & true).sum(0) for t in _GRID])
    predicted = np.stack([(scores >= t).sum(0) for t in _GRID])
    total = true.sum()
    common = int(np.argmax(f1(right.sum(1), predicted.sum(1), total)))
    chosen = np.full(scores.shape[1], common)
    labels = np.arange(scores.shape[1])
    for label in np.flatnonzero(true.sum(0) >= _ENOUGH):
        others = labels != label
        rest_right = right[chosen[others], labels[others]].sum()
        rest_predicted = predicted[chosen[others], labels[others]].sum()
        micro = f1(right[:, label] + rest_right, predicted[:, label] + rest_predicted, total)
        best = np.flatnonzero(micro >= micro.max() - 1e-12)
        # Among equals the nearest to the common threshold: it generalizes.
        chosen[label] = int(best[np.argmin(np.abs(best - common))])
    return np.asarray(_GRID[chosen])


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
    enough = true.sum(0) >= _ENOUGH
    return np.array(
        [
            cut_for(aim, scores[:, label], true[:, label]).threshold if own else common
            for label, own in enumerate(enough)
        ]
    )
