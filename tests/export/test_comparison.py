from __future__ import annotations

import numpy as np
import pytest

from burnish.data import ClassificationExample
from burnish.export.answers import largest_difference
from burnish.export.comparison import compare
from burnish.export.int8.timing import time_sessions
from burnish.tasks import Classification, ClassificationTask
from burnish.tasks.mcnemar import paired_test


@pytest.mark.parametrize(
    ("lost", "gained", "p_value"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 32),
        (3, 3, 1.0),
        (8, 1, 2 * (1 + 9) / 512),
        (1, 8, 2 * (1 + 9) / 512),
        (10, 2, 2 * (1 + 12 + 66) / 4096),
    ],
)
def test_the_paired_test_is_the_exact_two_sided_one(lost, gained, p_value):
    assert paired_test(lost, gained) == pytest.approx(p_value, abs=1e-12)


def test_the_paired_test_of_many_rows_is_a_number():
    assert 0 <= paired_test(3000, 2000) < 1e-40


def example(label: str) -> ClassificationExample:
    return ClassificationExample(id="f:1", text="text", labels=(label,))


def predicted(label: str) -> Classification:
    return Classification(labels=(label,), scores=(), tokens=1, windows=1)


def given(*labels: str) -> Classification:
    return Classification(labels=labels, scores=(), tokens=1, windows=1)


def test_a_comparison_counts_what_changes():
    task = ClassificationTask(labels=("a", "b", "c"))
    gold = [example(label) for label in "aaaabbbcc"]
    before = [predicted(label) for label in "aaabbbbca"]  # 7 of 9 right
    after = [predicted(label) for label in "aabbbbccc"]  # 6 right
    found = compare(task, gold, before, after)
    assert (found.rows, found.metric) == (9, "accuracy")
    assert found.before == pytest.approx(7 / 9)
    assert found.after == pytest.approx(6 / 9)
    assert found.agreement == pytest.approx(6 / 9)
    assert (found.lost, found.gained) == (2, 1)
    assert found.p_value == 1.0
    assert (found.recall_loss.label, found.recall_loss.support) == ("b", 3)
    assert found.recall_loss.points == pytest.approx(100 / 3)
    assert found.metric_loss == pytest.approx(100 / 9)


def test_of_several_labels_each_is_an_answer():
    task = ClassificationTask(labels=("a", "b", "c"), multi_label=True)
    gold = [example("a")] * 3
    before = [given("a", "b", "c"), given("a"), given()]
    after = [given("a", "b"), given("b"), given()]  # stay: two of three, none of one, "none"
    assert compare(task, gold, before, after).agreement == pytest.approx(3 / 4.5)
    assert compare(task, gold, before, before).agreement == 1.0


def test_nothing_lost_names_no_label():
    task = ClassificationTask(labels=("a", "b"))
    same = [predicted("a"), predicted("b")]
    found = compare(task, [example("a"), example("b")], same, same)
    assert (found.recall_loss.label, found.recall_loss.points) == ("", 0.0)
    assert (found.agreement, found.metric_loss) == (1.0, 0.0)


def test_numbers_that_are_not_finite_or_of_another_shape_are_no_small_difference():
    good, bad = [[np.zeros(3, np.float32)]], [[np.array([0, np.nan, 0], np.float32)]]
    assert largest_difference(good, bad) == float("inf")
    assert largest_difference(good, [[np.zeros(2, np.float32)]]) == float("inf")
    assert largest_difference(good, [[np.array([0, -2, 1], np.float32)]]) == 2.0


class _Slow:
    def __init__(self, work: int) -> None:
        self.work, self.runs = work, 0

    def run(self, window: object) -> None:
        self.runs += 1
        sum(range(self.work))


def test_timing_runs_all_in_turn_and_sees_which_is_faster():
    sessions = {"fp32": _Slow(200_000), "fast": _Slow(1_000)}
    found = time_sessions(sessions, [None, None], reference="fp32")  # type: ignore[arg-type, list-item]
    assert found["fp32"].speedup == 1.0
    assert found["fast"].speedup > 2
    assert found["fast"].milliseconds < found["fp32"].milliseconds
    assert sessions["fp32"].runs == sessions["fast"].runs > 6
