"""Scores of labels from summed row statistics: row, right in full, then counts of each label."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from burnish.tasks.base import LabelCounts, StatisticsArray
from burnish.tasks.scores import f1, ratio

__all__ = [
    "count_labels",
    "label_metrics",
    "label_sums",
    "label_trials",
    "split_counts",
]


def label_sums(
    labels: Sequence[str], true: Collection[str], predicted: Collection[str], *, correct: bool
) -> StatisticsArray:
    """(2 + 3 labels,) of one row.

    Args:
        labels: all of the task.
        true: those of the row.
        predicted: those of its answer.
        correct: whether the answer is right in full.
    """
    said = np.array([label in predicted for label in labels])
    holds = np.array([label in true for label in labels])
    return np.concatenate([[1.0, float(correct)], said & holds, said, holds]).astype(np.float64)


def count_labels(labels: Sequence[str], totals: StatisticsArray) -> dict[str, LabelCounts]:
    """Counts by label from summed row statistics."""
    columns = zip(*split_counts(totals), strict=True)
    return {
        label: LabelCounts(right=right, predicted=predicted, true=true)
        for label, (right, predicted, true) in zip(labels, columns, strict=True)
    }


def label_metrics(totals: StatisticsArray) -> dict[str, StatisticsArray]:
    """Accuracy (all labels right), macro F1 over the labels that occur, micro F1.

    Args:
        totals: (…, 2 + 3 labels) sums over rows.
    """
    right, predicted, true = split_counts(totals)
    occurs = (predicted + true) > 0
    return {
        "accuracy": ratio(totals[..., 1], totals[..., 0]),
        "macro_f1": ratio((f1(right, predicted, true) * occurs).sum(-1), occurs.sum(-1)),
        "micro_f1": f1(right.sum(-1), predicted.sum(-1), true.sum(-1)),
    }


def label_trials(rows: StatisticsArray) -> dict[str, float]:
    """How many independent observations each metric rests on.

    For the macro F1: Kish's effective size of a mean over labels of unlike size (1965). Rows with
    several labels count once.

    Args:
        rows: (n, 2 + 3 labels) statistics of rows.
    """
    _, predicted, true = split_counts(rows)
    said = (predicted + true) > 0
    each, micro = said.sum(0)[said.any(0)], float(said.any(1).sum())
    macro = min(micro, len(each) ** 2 / float((1 / each).sum())) if len(each) else 0.0
    return {"accuracy": len(rows), "macro_f1": macro, "micro_f1": micro}


def split_counts(
    totals: StatisticsArray,
) -> tuple[StatisticsArray, StatisticsArray, StatisticsArray]:
    """(…, labels) each: how often a label was right, predicted and true."""
    right, predicted, true = np.split(totals[..., 2:], 3, axis=-1)
    return right, predicted, true
