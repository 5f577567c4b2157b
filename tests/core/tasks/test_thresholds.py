"""Thresholds of scores that are chosen so that the best ones are known."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.tasks.aims import Aim
from burnish.tasks.labelled.thresholds import aimed_thresholds, tune_thresholds

Block = tuple[float, bool, int]
"""A score, whether the label holds, and of how many rows."""


def rows(*labels: list[Block]) -> tuple[np.ndarray, np.ndarray]:
    """(rows, labels) scores and truth; rows that a label has no block for hold it not, at 0."""
    length = max(sum(count for _, _, count in blocks) for blocks in labels)
    scores, true = np.zeros((length, len(labels))), np.zeros((length, len(labels)), dtype=bool)
    for index, blocks in enumerate(labels):
        begin = 0
        for score, holds, count in blocks:
            scores[begin : begin + count, index] = score
            true[begin : begin + count, index] = holds
            begin += count
    return scores, true


def test_one_label_has_the_lowest_threshold_of_the_best_f1() -> None:
    found = tune_thresholds(*rows([(0.7, True, 30), (0.4, False, 30)]))
    assert found.tolist() == [0.41]


def test_thresholds_are_tried_from_five_to_ninety_five_hundredths() -> None:
    low = tune_thresholds(*rows([(0.06, True, 30), (0.05, False, 60)]))
    high = tune_thresholds(*rows([(0.95, True, 30), (0.94, False, 60)]))
    assert (low.tolist(), high.tolist()) == ([0.06], [0.95])
    assert tune_thresholds(*rows([(0.04, True, 30)])).tolist() == [0.05]


@pytest.mark.parametrize(("true_rows", "own"), [(20, 0.3), (19, 0.81)])
def test_a_label_of_twenty_true_rows_has_its_own_threshold_nearest_to_the_common_one(
    true_rows: int, own: float
) -> None:
    """The first label asks for 0.81 to 0.90, the second, with fewer rows, for 0.21 to 0.30."""
    large = [(0.9, True, 60), (0.8, False, 60)]
    small = [(0.3, True, true_rows), (0.2, False, true_rows)]
    assert tune_thresholds(*rows(large, small)).tolist() == [0.81, own]


def test_a_threshold_counts_what_reaches_it() -> None:
    """A right answer at 0.50 and a wrong one at 0.49: only 0.50 parts them."""
    assert tune_thresholds(*rows([(0.5, True, 25), (0.49, False, 25)])).tolist() == [0.5]


@pytest.mark.parametrize(("true_rows", "own"), [(20, 0.35), (19, 0.7)])
def test_a_label_of_twenty_true_rows_reaches_an_aim_by_itself(true_rows: int, own: float) -> None:
    large = [(0.9, True, 20), (0.5, False, 20)]
    small = [(0.4, True, true_rows), (0.3, False, true_rows)]
    found = aimed_thresholds(Aim("precision", 0.95), *rows(large, small))
    assert found == pytest.approx([0.7, own])


def test_an_aim_for_recall_is_reached_with_the_highest_threshold() -> None:
    scores = rows([(0.9, True, 10), (0.7, True, 10), (0.6, False, 10), (0.2, True, 20)])
    assert aimed_thresholds(Aim("recall", 0.5), *scores) == pytest.approx([0.65])
    assert aimed_thresholds(Aim("recall", 0.51), *scores) == pytest.approx([0.2])
