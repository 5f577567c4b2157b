"""Thresholds that too few validation rows cannot settle are named before training."""

from __future__ import annotations

import pytest

from burnish.calibration import foresee_thresholds
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.regression.settings import RegressionTask


def rows(**counts: int) -> list[ClassificationExample]:
    """Rows of one label each, and twenty without one."""
    labels = [(label,) for label, count in counts.items() for _ in range(count)]
    return [
        ClassificationExample(id=str(index), text="a", labels=each)
        for index, each in enumerate([*labels, *[()] * 20])
    ]


def several(aim: str) -> ClassificationTask:
    return ClassificationTask(labels=("a", "b", "c"), multi_label=True, aim=aim)


def test_labels_without_a_threshold_of_their_own_are_named_fewest_first() -> None:
    (told,) = foresee_thresholds(several("f1"), rows(a=19, b=20))
    assert told == (
        "2 labels have too few validation rows for thresholds of their own and share that of all "
        "labels together: c (0), a (19). Each needs 20 rows that have it"
    )
    assert foresee_thresholds(several("f1"), rows(a=20, b=20, c=20)) == ()


@pytest.mark.parametrize(
    ("aim", "needed"), [("precision>=0.95", 59), ("recall>=0.9", 29), ("precision>=0.99", 299)]
)
def test_an_aim_needs_more_rows_the_nearer_it_lies_to_one(aim: str, needed: int) -> None:
    few, unsure = foresee_thresholds(several(aim), rows(a=needed, b=needed - 1, c=3))
    assert few.startswith("1 label has too few validation rows for a threshold of its own")
    assert "c (3)" in few
    kind, least = aim.split(">=")
    assert f"to tell a {kind} of {least} from luck: b ({needed - 1})" in unsure
    assert f"Each needs {needed} rows" in unsure


@pytest.mark.parametrize(("count", "told"), [(58, True), (59, False)])
def test_one_threshold_for_all_labels_counts_all_rows(count: int, told: bool) -> None:
    task = ClassificationTask(labels=("a", "b"), aim="precision>=0.95")
    found = foresee_thresholds(task, rows(a=count - 1, b=1)[:count])
    assert bool(found) == told
    if told:
        assert "at most 58 validation answers can be right" in found[0]
        assert "59 are needed" in found[0]


def test_nothing_is_foreseen_where_there_is_no_threshold() -> None:
    assert foresee_thresholds(ClassificationTask(labels=("a", "b")), rows(a=2, b=1)) == ()
    assert foresee_thresholds(RegressionTask(), []) == ()
