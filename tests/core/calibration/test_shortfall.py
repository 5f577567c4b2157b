"""How many more rows a promise would take, worked out from the binomial distribution."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace
from typing import Any

import pytest
from scipy.stats import binom

from burnish.calibration import Tolerance, foresee, promise_for
from burnish.calibration.risk import Start
from burnish.calibration.shortfall import _enough, _label, _needed, shortfall
from burnish.tasks.predictions import Claim

FIVE = Tolerance(error=0.05)


ROW: Any = None


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (0.2, "10"),
        (10.0, "10"),
        (10.1, "20"),
        (99.5, "100"),
        (100.0, "100"),
        (101.0, "110"),
        (990.1, "1,000"),
        (1234.0, "1,300"),
        (45678.0, "46,000"),
    ],
)
def test_rows_to_label_are_rounded_up_to_tens_or_two_digits(rows: float, said: str) -> None:
    assert _label(rows) == f"Label about {said} more rows for validation."


@pytest.mark.parametrize(("wrong", "answered"), [(1, 60), (2, 100), (5, 185)])
def test_so_many_answers_as_often_wrong_are_the_fewest_that_promise(
    wrong: int, answered: int
) -> None:
    start = Start(0.95, answered, wrong)
    times, needed = _needed(start, FIVE)

    def promised(count: int) -> bool:
        errors = math.ceil(wrong / answered * count)
        return bool(binom.cdf(errors, count, 0.05) <= 0.05 / 5)

    assert times == needed / answered
    assert promised(needed)
    assert not promised(needed - 1)
    assert [_enough(start, count, FIVE) for count in (needed - 1, needed)] == [False, True]


def test_without_an_error_the_least_number_of_answers_is_needed() -> None:
    assert _needed(Start(0.95, 30, 0), FIVE) == (3.0, 90)


@pytest.mark.parametrize("wrong", [5, 8, 50])
def test_answers_that_are_wrong_as_often_as_is_tolerated_are_never_enough(wrong: int) -> None:
    assert _needed(Start(0.95, 100, wrong), FIVE) == (math.inf, 0)


def test_the_rows_to_label_are_in_proportion_to_the_answers_that_are_missing() -> None:
    claims = [Claim(0.9995, True)] * 30 + [Claim(0.1, True)] * 90
    note = shortfall(claims, FIVE, rows=60)
    assert note.startswith(
        "120 validation answers are too few: 30 lie above the first threshold and 90 are needed. "
        "Label about 120 more rows"
    )


def test_a_single_answer_above_the_threshold_is_said_in_the_singular() -> None:
    claims = [Claim(0.9995, True), *[Claim(0.1, True)] * 99]
    note = shortfall(claims, FIVE, rows=100)
    assert "too few: 1 lies above the first threshold and 90 are needed" in note
    assert "Label about 8,900 more rows" in note


def test_the_sequence_that_needs_fewest_more_answers_is_told() -> None:
    """20 of 20 right from 0.999 on; 100 of 101 right from 0.7 on, which needs 1.3 times."""
    claims = [Claim(0.9995, True)] * 20 + [Claim(0.75, True)] * 80 + [Claim(0.75, False)]
    note = shortfall(claims, FIVE, rows=101)
    found = re.search(
        r"(\d+) lie above the first threshold, 1 of them wrong, and about (\d+)", note
    )
    assert found is not None
    times, needed = _needed(Start(0.7, 101, 1), FIVE)
    assert (int(found[1]), int(found[2])) == (101, needed)
    assert _label((times - 1) * 101) in note


def test_of_answers_that_are_wrong_too_often_the_best_sequence_is_told() -> None:
    claims = [Claim(0.9995, n > 3) for n in range(20)] + [Claim(0.75, n > 10) for n in range(180)]
    note = shortfall(claims, FIVE, rows=200)
    assert (
        "Of the 200 validation answers with a score of at least 0.69, 15 are wrong (7.5 %)" in note
    )
    assert "at most 5 % are accepted" in note


@pytest.mark.parametrize(
    ("answers", "rows", "more"), [(80, 80, "10"), (45, 15, "20"), (0, 5, "90")]
)
def test_rows_that_cannot_hold_a_promise_are_told_before_training(
    answers: int, rows: int, more: str
) -> None:
    each = answers // rows
    task: Any = SimpleNamespace(most_right=lambda _: each)
    told = foresee(task, [ROW] * rows, FIVE)
    assert told.startswith(f"{answers} validation answers are too few to promise at most 5 % wrong")
    assert "with 95 % confidence: 90 are needed, all of them right" in told
    assert f"Label about {more} more rows" in told


@pytest.mark.parametrize(("rows", "told"), [(89, True), (90, False)])
def test_ninety_answers_may_promise_an_error_of_a_twentieth(rows: int, told: bool) -> None:
    task: Any = SimpleNamespace(most_right=lambda _: 1)
    assert bool(foresee(task, [ROW] * rows, FIVE)) == told
    few = promise_for([Claim(1.0, True)] * rows, FIVE).kept_from is None
    assert few == told
