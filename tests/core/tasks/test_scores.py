"""Softmax, sigmoid, logit and quotients at points where their values are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from burnish.tasks.scores import f1, log_softmax, logit, ratio, sigmoid, softmax


def test_softmax_of_logarithms_is_their_share() -> None:
    rows = np.log(np.array([[1.0, 2.0, 5.0], [3.0, 3.0, 6.0]]))
    assert softmax(rows) == pytest.approx(np.array([[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]]))
    assert log_softmax(rows) == pytest.approx(
        np.log(np.array([[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]]))
    )


def test_softmax_neither_overflows_nor_loses_the_small() -> None:
    found = log_softmax(np.array([[1000.0, 0.0], [-1000.0, -1000.0]], dtype=np.float32))
    assert found.dtype == np.float64
    assert found == pytest.approx(np.array([[0.0, -1000.0], [-math.log(2), -math.log(2)]]))


@pytest.mark.parametrize(
    ("score", "share"), [(0.0, 0.5), (math.log(3), 0.75), (-math.log(4), 0.2), (900.0, 1.0)]
)
def test_the_sigmoid_is_the_share_of_its_odds(score: float, share: float) -> None:
    assert sigmoid(np.array(score)) == pytest.approx(share)
    assert sigmoid(np.array(-score)) == pytest.approx(1 - share)


def test_the_logit_is_the_logarithm_of_the_odds_and_finite_at_the_ends() -> None:
    assert logit(np.array([0.5, 0.75, 0.2])) == pytest.approx([0.0, math.log(3), -math.log(4)])
    assert logit(np.array([0.0, 1.0])) == pytest.approx([-12 * math.log(10), 12 * math.log(10)])
    assert logit(np.array([1e-11]))[0] == pytest.approx(-11 * math.log(10))


def test_a_quotient_by_nothing_is_zero() -> None:
    assert ratio(np.array([3.0, 1.0, 0.0]), np.array([4.0, 0.0, 2.0])).tolist() == [0.75, 0.0, 0.0]
    assert ratio(np.array([1.0]), np.array([0.5])).tolist() == [2.0]


def test_f1_is_twice_the_right_over_all_that_is_said_and_true() -> None:
    counts = (np.array([2.0, 0.0, 3.0]), np.array([3.0, 0.0, 3.0]), np.array([5.0, 0.0, 3.0]))
    assert f1(*counts).tolist() == [0.5, 0.0, 1.0]
