"""Likely label errors, by confident learning (Northcutt, Jiang and Chuang 2021).

A classifier that has not seen a row doubts its label on two conditions. It is nearly as sure of
another label as it is, on average, of the rows that have that label, and less sure of the row's
own. And answers as sure as this mostly agree with the rows' labels: otherwise a classifier that is
often wrong on unseen rows would doubt most of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from burnish.arrays import BoolArray, FloatArray
from burnish.tasks.aims import Aim, cut_for

__all__ = ["DoubtedLabel", "doubted_labels", "trusted_score"]


_NEARLY = 0.8
"""Share of the average. The method says 1; as doubts are ranked, 0.8 finds more: with 3 % of
the labels exchanged 0.82 instead of 0.69 of them on banking77, 0.91 instead of 0.77 on
pros_cons_feedback, 0.76 instead of 0.61 on vetclaims_roles, for two fifths more rows to read."""
_TRUSTED = Aim("precision", 0.8)
"""The share of equally sure held-out answers that agrees with the labels. On 600 rows of
vetclaims_roles (held-out accuracy 0.71) with 18 labels exchanged: 83 doubts instead of 131, with 10
of the 18 instead of 13; 0.9 would leave 16 doubts with 4 of them."""
_FEWEST_TRUSTED = 10
_SURELY = 0.8
"""With several labels: the probability from which an absent one counts as missing."""
_HARDLY = 0.1
"""With several labels: below this share of a label's base rate a present one is doubted."""


@dataclass(frozen=True, slots=True)
class DoubtedLabel:
    """A label that the other rows contradict."""

    row: int
    given: str
    """Empty where a label is missing."""
    likely: str
    """Empty where the label is superfluous."""
    margin: float
    """Probability of the likely state minus that of the given one."""


def doubted_labels(
    probabilities: FloatArray, targets: BoolArray, labels: Sequence[str], *, multi_label: bool
) -> list[DoubtedLabel]:
    """The labels to look at, the surest doubt first.

    Args:
        probabilities: (rows, labels) of classifiers that had not seen the row.
        targets: (rows, labels) as given.
        labels: names of the labels.
        multi_label: whether a row has any number of labels.
    """
    find = _of_several if multi_label else _of_one
    return sorted(find(probabilities, targets, labels), key=lambda each: (-each.margin, each.row))


def trusted_score(scores: FloatArray, right: BoolArray) -> float:
    """The score from which a classifier's held-out answers agree with four of five labels.

    Args:
        scores: (answers,) how sure each is.
        right: (answers,) whether the label agrees.

    Returns:
        The score; infinity where there is none, or too few answers reach it.
    """
    cut = cut_for(_TRUSTED, scores, right)
    enough = int((scores >= cut.threshold).sum()) >= _FEWEST_TRUSTED
    return cut.threshold if cut.reached and enough else math.inf


def _of_one(
    probabilities: FloatArray, targets: BoolArray, labels: Sequence[str]
) -> Iterator[DoubtedLabel]:
    given = targets.argmax(1)
    counts = targets.sum(0)
    usual = (probabilities * targets).sum(0) / np.maximum(counts, 1)
    usual[counts == 0] = np.inf
    sure = np.where(probabilities >= _NEARLY * usual, probabilities, 0)
    likely = sure.argmax(1)
    trusted = trusted_score(probabilities.max(1), probabilities.argmax(1) == given)
    least = max(trusted, float(np.finfo(np.float32).tiny))
    for row in np.flatnonzero((sure.max(1) >= least) & (likely != given)).tolist():
        margin = float(probabilities[row, likely[row]] - probabilities[row, given[row]])
        if margin > 0:
            yield DoubtedLabel(row, labels[given[row]], labels[likely[row]], margin)


def _of_several(
    probabilities: FloatArray, targets: BoolArray, labels: Sequence[str]
) -> Iterator[DoubtedLabel]:
    rates = targets.mean(0)
    for column, label in enumerate(labels):
        scores, present = probabilities[:, column], targets[:, column]
        if not present.any():
            continue
        usual = max(_SURELY, float(scores[present].mean()), trusted_score(scores, present))
        for row in np.flatnonzero(~present & (scores >= usual)).tolist():
            yield DoubtedLabel(row, "", label, float(2 * scores[row] - 1))
        for row in np.flatnonzero(present & (scores <= _HARDLY * rates[column])).tolist():
            yield DoubtedLabel(row, label, "", float(1 - 2 * scores[row]))
