"""Scores of trees of labels, from summed row statistics.

Precision, recall and F1 of whole paths are those of Kiritchenko, Matwin, Nock & Famili (2006),
"Learning and Evaluation in the Presence of Class Hierarchies": every label counts together with all
that it lies under, over all rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.tasks.base import StatisticsArray
from burnish.tasks.labelled.statistics import label_metrics, label_trials
from burnish.tasks.scores import f1, ratio
from burnish.tasks.tree import LabelTree

__all__ = ["TreeSets", "path_counts", "tree_metrics", "tree_statistics", "tree_trials"]

_OWN = 5
"""Summands before those of the labels: row, right, mistaken ends, their distance, inconsistent."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class TreeSets:
    """The closed sets of labels that are true and given, of rows."""

    true: BoolArray
    """(…, n)."""
    given: BoolArray
    """(…, n) without what lies under a true label that is the end of its path: a row that names an
    inner label says nothing of what lies under it."""

    @classmethod
    def of(cls, tree: LabelTree, true: BoolArray, given: BoolArray) -> TreeSets:
        """Leave out of what is given all that no row speaks of."""
        return cls(true, given & ~tree.below(tree.ends(true)))

    @property
    def right(self) -> BoolArray:
        """(…) whether all labels are given, and no other."""
        found: BoolArray = (self.true == self.given).all(-1)
        return found


def tree_statistics(
    tree: LabelTree, sets: TreeSets, given: BoolArray, *, distances: bool = True
) -> StatisticsArray:
    """(…, 5 + 6 n) summands of everything that ``tree_metrics`` needs.

    Args:
        tree: of the labels.
        sets: as they are judged.
        given: (…, n) as the model gave them.
        distances: whether those of mistakes are wanted: they take most of the time.
    """
    true_ends, given_ends = tree.ends(sets.true), tree.ends(sets.given)
    orphan = (given & ~tree.top_down(given)).any(-1)
    rows = np.ones(sets.right.shape)
    mistakes = distance = 0 * rows
    if distances:
        mistakes, distance = _mistakes(tree, true_ends, given_ends)
    head = np.stack([rows, sets.right, mistakes, distance, orphan], axis=-1)
    whole = [sets.true & sets.given, sets.given, sets.true]
    ends = [true_ends & given_ends, given_ends, true_ends]
    return np.concatenate([head, *whole, *ends], axis=-1).astype(np.float64)


def _mistakes(
    tree: LabelTree, true: BoolArray, given: BoolArray
) -> tuple[StatisticsArray, StatisticsArray]:
    """(…) wrong ends, and the sum of their distances to the nearest true one."""
    wrong = given & ~true
    count = wrong.sum(-1).astype(np.float64)
    distance = np.zeros(count.shape)
    for row in np.argwhere(wrong.any(-1)):
        where = tuple(row)
        names = [tree.labels[at] for at in np.flatnonzero(true[where])]
        for at in np.flatnonzero(wrong[where]):
            label = tree.labels[at]
            nothing = len(tree.path(label))  # to the place above the roots
            distance[where] += min((tree.distance(label, n) for n in names), default=nothing)
    return count, distance


def tree_metrics(tree: LabelTree, totals: StatisticsArray) -> dict[str, StatisticsArray]:
    """Scores by name; (…, k) sums become (…) each.

    ``accuracy`` (rows right in full), ``hierarchical_precision``, ``_recall`` and ``_f1``,
    ``micro_f1`` and ``macro_f1`` of the ends of paths alone, ``level_1_f1`` and so on,
    ``error_distance`` (edges between a wrong end and the nearest true one, on the mean) and
    ``inconsistent`` (the share of rows with a label whose parent is not given).
    """
    right, given, true = path_counts(tree, totals)
    found = {
        "accuracy": ratio(totals[..., 1], totals[..., 0]),
        "hierarchical_precision": ratio(right.sum(-1), given.sum(-1)),
        "hierarchical_recall": ratio(right.sum(-1), true.sum(-1)),
        "hierarchical_f1": f1(right.sum(-1), given.sum(-1), true.sum(-1)),
    }
    flat = label_metrics(_end_totals(tree, totals))
    found |= {name: flat[name] for name in ("micro_f1", "macro_f1")}
    for level, at in enumerate(tree.levels, start=1):
        counts = (each[..., at].sum(-1) for each in (right, given, true))
        found[f"level_{level}_f1"] = f1(*counts)
    found["error_distance"] = ratio(totals[..., 3], totals[..., 2])
    found["inconsistent"] = ratio(totals[..., 4], totals[..., 0])
    return found


def tree_trials(tree: LabelTree, rows: StatisticsArray) -> dict[str, float]:
    """How many independent observations each metric has, from (rows, k) statistics."""
    _, given, true = path_counts(tree, rows)
    flat = label_trials(_end_totals(tree, rows))
    said = (given + true) > 0
    found = {
        "hierarchical_precision": float((given.sum(-1) > 0).sum()),
        "hierarchical_recall": float((true.sum(-1) > 0).sum()),
        "hierarchical_f1": float(said.any(-1).sum()),
        "micro_f1": flat["micro_f1"],
        "macro_f1": flat["macro_f1"],
        "error_distance": float((rows[:, 2] > 0).sum()),
    }
    for level, at in enumerate(tree.levels, start=1):
        found[f"level_{level}_f1"] = float(said[:, at].any(-1).sum())
    return found


def path_counts(tree: LabelTree, totals: StatisticsArray) -> tuple[StatisticsArray, ...]:
    """(…, n) each: how often a label, itself or what it lies over, was right, given and true."""
    size = len(tree.labels)
    return tuple(np.split(totals[..., _OWN : _OWN + 3 * size], 3, axis=-1))


def _end_totals(tree: LabelTree, totals: StatisticsArray) -> StatisticsArray:
    """The statistics of the ends alone, as those of any labels (burnish/tasks/labelled)."""
    ends = totals[..., _OWN + 3 * len(tree.labels) :]
    return np.concatenate([totals[..., :2], ends], axis=-1)
