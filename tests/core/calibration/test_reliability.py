"""Calibration errors of scores whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.calibration import reliability_of
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
