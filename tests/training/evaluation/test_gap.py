"""The lower end of the largest difference is above nothing only where there is one."""

from __future__ import annotations

import numpy as np
import pytest

from burnish.training.evaluation.gap import bound_gap


def _bounds(rng: np.random.Generator, counts, rates) -> tuple[float, float]:
    """Of subgroups whose rows are right at these rates."""
    shares = rng.binomial(counts, rates) / counts
    overall = float((shares * counts).sum() / counts.sum())
    own = np.sqrt(shares * (1 - shares) / counts)
    alike = np.sqrt(overall * (1 - overall) / counts)
    return bound_gap(shares, np.maximum(own, alike), confidence=0.95)


def test_two_scores_have_the_ordinary_interval_of_a_difference() -> None:
    low, high = bound_gap(np.array([0.9, 0.6]), np.array([0.03, 0.04]), confidence=0.95)
    assert low == pytest.approx(0.3 - 1.959964 * 0.05, abs=1e-5)
    assert high == pytest.approx(0.3 + 1.959964 * 0.05, abs=1e-5)


@pytest.mark.parametrize("counts", [(10, 10), (15, 40, 80, 200), (10,) * 20])
def test_subgroups_that_are_alike_seldom_seem_to_differ(counts) -> None:
    rng = np.random.default_rng(5)
    drawn = [_bounds(rng, np.array(counts), 0.8)[0] for _ in range(400)]
    assert np.mean([low > 0 for low in drawn]) <= 0.05


def test_the_plain_difference_of_subgroups_that_are_alike_is_large_by_chance() -> None:
    shares = np.random.default_rng(7).binomial(30, 0.9, size=(400, 5)) / 30
    assert np.mean(np.ptp(shares, axis=1) > 0.05) > 0.9


def test_a_difference_is_found_and_lies_in_its_interval() -> None:
    rng = np.random.default_rng(6)
    counts, rates = np.array([100, 100, 100]), np.array([0.9, 0.9, 0.6])
    drawn = [_bounds(rng, counts, rates) for _ in range(400)]
    assert np.mean([low > 0.05 for low, _ in drawn]) > 0.9
    assert np.mean([low <= 0.3 <= high for low, high in drawn]) >= 0.95
