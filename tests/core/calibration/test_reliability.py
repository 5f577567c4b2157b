"""Calibration errors of scores whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from burnish.calibration import reliability_of
from burnish.calibration.reliability import calibration_error
from burnish.calibration.scope import auroc
from burnish.tasks.predictions import Claim


def claims(shift: float, count: int = 3000, seed: int = 6) -> list[list[Claim]]:
    """Scores that are too high by the shift."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.3, 0.8, count)
    right = rng.random(count) < truth
    return [[Claim(float(t + shift), bool(r))] for t, r in zip(truth, right, strict=True)]


def test_the_error_is_the_distance_of_score_and_truth() -> None:
    honest, proud = reliability_of(claims(0.0)), reliability_of(claims(0.15))
    assert honest is not None
    assert proud is not None
    assert honest.ece < 0.04
    assert proud.ece == pytest.approx(0.15, abs=0.02)
    assert proud.low < proud.ece < proud.high
    assert proud.low == pytest.approx(0.13, abs=0.02)


def of_one_score(score: float, right: int, count: int) -> list[list[Claim]]:
    return [[Claim(score, number < right)] for number in range(count)]


@pytest.mark.parametrize(("score", "right"), [(0.9, 240), (0.3, 240), (0.5, 350)])
def test_the_interval_leaves_a_fortieth_on_each_side(score: float, right: int) -> None:
    """Of one score, the resampled share of right answers is binomial."""
    found = reliability_of(of_one_score(score, right, 400), resamples=20_000)
    share, away = right / 400, abs(score - right / 400)
    ends = binom.ppf([0.025, 0.975], 400, share) / 400 - share
    assert found is not None
    assert found.ece == pytest.approx(away)
    assert found.low == pytest.approx(away - ends[1], abs=0.004)
    assert found.high == pytest.approx(away - ends[0], abs=0.004)


def test_the_error_is_the_mean_distance_in_each_bin() -> None:
    """In four bins of 20 answers the shares are off by 0.1, 0.2, 0.3 and 0.05."""
    given = [(0.1, 4), (0.3, 10), (0.6, 6), (0.9, 19)]
    rows = [row for score, right in given for row in of_one_score(score, right, 20)]
    found = reliability_of(rows, resamples=10)
    assert found is not None
    assert found.ece == pytest.approx((0.1 + 0.2 + 0.3 + 0.05) / 4)
    assert [b.confidence for b in found.bins] == pytest.approx([score for score, _ in given])
    assert [b.accuracy for b in found.bins] == pytest.approx([right / 20 for _, right in given])
    assert [b.count for b in found.bins] == [20] * 4
    assert calibration_error([row[0] for row in rows]) == pytest.approx(found.ece)
    assert calibration_error([]) == 0.0


@pytest.mark.parametrize(
    ("answers", "bins"), [(10, 1), (39, 1), (40, 2), (59, 2), (299, 14), (900, 15)]
)
def test_a_bin_has_twenty_answers_at_least_and_there_are_fifteen_at_most(
    answers: int, bins: int
) -> None:
    found = reliability_of([[Claim(n / answers, True)] for n in range(answers)], resamples=10)
    assert found is not None
    assert len(found.bins) == bins


@pytest.mark.parametrize("right", [True, False])
def test_answers_that_are_all_right_or_all_wrong_may_be_otherwise(right: bool) -> None:
    """Two bins, at 0.2 and 0.8: the error is least or largest at an end of Wilson's interval."""
    rows = [[Claim(score, right)] for score in [0.2] * 20 + [0.8] * 20]
    found = reliability_of(rows, resamples=10)
    ends = binomtest(40 * right, 40).proportion_ci(method="wilson")
    far = ends.low if right else ends.high
    assert found is not None
    assert found.ece == pytest.approx(0.5)
    # Of an accuracy outside of both means the mean distance is that of the mean score, 0.5.
    assert found.low == pytest.approx(abs(far - 0.5))
    assert found.high >= 0.5


def test_the_error_that_is_possible_is_least_at_the_score_itself() -> None:
    found = reliability_of(of_one_score(0.97, 60, 60), resamples=10)
    low = binomtest(60, 60).proportion_ci(method="wilson").low
    assert found is not None
    assert low < 0.97
    assert found.low == 0.0
    assert found.ece == pytest.approx(0.03)
    assert found.high == pytest.approx(0.97 - low)


def test_rows_that_say_several_things_are_resampled_as_one() -> None:
    """Each row says two things that are right together: half as many trials as answers."""
    rows = [[Claim(0.5, number < 100)] * 2 for number in range(200)]
    single = of_one_score(0.5, 100, 200)
    pairs, alone = (reliability_of(each, resamples=4000) for each in (rows, single))
    assert pairs is not None
    assert alone is not None
    assert pairs.high == pytest.approx(alone.high, abs=0.01)
    # The distance of a share of 0.5 from 0.5, of 200 rows.
    assert alone.high - alone.ece < 2 * math.sqrt(0.25 / 200)


def test_bins_hold_equal_shares_of_what_is_said() -> None:
    found = reliability_of(claims(0.1))
    assert found is not None
    assert len(found.bins) == 15
    assert sum(b.count for b in found.bins) == found.claims == 3000
    assert max(b.count for b in found.bins) - min(b.count for b in found.bins) <= 1
    error = sum(b.count * abs(b.confidence - b.accuracy) for b in found.bins) / 3000
    assert error == pytest.approx(found.ece)


def test_few_answers_have_few_bins_and_equal_scores_share_one() -> None:
    few = reliability_of([[Claim(0.5 + i / 200, i % 2 == 0)] for i in range(45)])
    same = reliability_of([[Claim(1.0, i % 4 > 0)] for i in range(400)])
    assert few is not None
    assert same is not None
    assert len(few.bins) == 2
    assert same.ece == pytest.approx(0.25)
    assert [b.count for b in same.bins] == [400]


def test_rows_that_say_nothing_count_for_nothing() -> None:
    assert reliability_of([[], []]) is None
    with_empty = reliability_of([[], *claims(0.1), []])
    assert with_empty is not None
    assert with_empty.claims == 3000


def test_the_interval_is_of_rows_and_comes_again() -> None:
    rows = claims(0.1, count=400)
    doubled = [row * 2 for row in rows]
    one, two = reliability_of(rows), reliability_of(doubled)
    assert one is not None
    assert two is not None
    assert one == reliability_of(rows)
    # Twice the same is no more evidence.
    assert two.high - two.low == pytest.approx(one.high - one.low, rel=0.25)


def test_auroc_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(1)
    high, low = np.round(rng.normal(1, 1, 80), 1), np.round(rng.normal(0, 1, 50), 1)
    theirs = roc_auc_score([1] * 80 + [0] * 50, np.concatenate([high, low]))
    assert auroc(high, low) == pytest.approx(theirs)
