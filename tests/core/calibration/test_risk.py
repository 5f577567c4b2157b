"""The bound is Clopper and Pearson's, and the promise is kept as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from burnish.calibration.risk import error_bound, least_answers, safest_cut


@pytest.mark.parametrize(
    ("wrong", "answered"), [(0, 1), (0, 59), (3, 100), (40, 1000), (900, 5000)]
)
@pytest.mark.parametrize("doubt", [0.05, 0.001])
def test_the_bound_is_that_of_scipy(wrong: int, answered: int, doubt: float) -> None:
    theirs = beta.ppf(1 - doubt, wrong + 1, answered - wrong)
    assert error_bound(wrong, answered, doubt=doubt) == pytest.approx(theirs, abs=1e-7)
    assert error_bound(answered, answered, doubt=doubt) == 1.0


def test_the_least_number_of_answers_is_the_least() -> None:
    least = least_answers(error=0.05, confidence=0.95)
    for count, promised in ((least, True), (least - 1, False)):
        cut = safest_cut(
            np.linspace(0.992, 1, count), np.ones(count, bool), error=0.05, confidence=0.95
        )
        assert (cut is not None) == promised


def test_only_what_is_sure_enough_is_answered() -> None:
    scores = np.linspace(0, 1, 2000)
    cut = safest_cut(scores, scores > 0.4, error=0.05, confidence=0.95)
    assert cut is not None
    assert 0.37 < cut.threshold < 0.41
    assert cut.wrong / cut.answered < cut.bound <= 0.05
    assert cut.answered == (scores >= cut.threshold).sum()
    assert cut.bound == error_bound(cut.wrong, cut.answered, doubt=0.05 / 5)


def test_a_model_without_a_mistake_answers_everything() -> None:
    cut = safest_cut(np.linspace(0.2, 1, 400), np.ones(400, bool), error=0.05, confidence=0.95)
    assert cut is not None
    assert (cut.threshold, cut.answered) == (0.0, 400)


def test_nothing_is_promised_of_answers_that_are_wrong_as_often_everywhere() -> None:
    right = np.arange(500) % 10 > 0
    assert safest_cut(np.linspace(0, 1, 500), right, error=0.05, confidence=0.95) is None
    assert safest_cut(np.array([]), np.array([], bool), error=0.05, confidence=0.95) is None


def test_answers_with_one_score_are_taken_together() -> None:
    right = np.array([True] * 300 + [False] * 300)
    assert safest_cut(np.full(600, 0.9), right, error=0.1, confidence=0.9) is None


def draw(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    scores = rng.random(count) ** 0.1
    return scores, rng.random(count) < scores


def test_the_promise_is_kept_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    scores, right = draw(rng, 400_000)
    cuts = [safest_cut(*draw(rng, 600), error=0.06, confidence=0.8) for _ in range(300)]
    risks = [1 - right[scores >= cut.threshold].mean() for cut in cuts if cut]
    assert len(risks) > 200
    assert np.mean([risk <= 0.06 for risk in risks]) >= 0.8
    # The control: without the bound, a cut at what was counted breaks it half of the time.
    naive = []
    for _ in range(100):
        some, hits = draw(rng, 600)
        order = np.argsort(-some)
        errors = np.cumsum(~hits[order]) / np.arange(1, 601)
        place = np.flatnonzero(errors <= 0.06)[-1]
        naive.append(1 - right[scores >= some[order][place]].mean() <= 0.06)
    assert np.mean(naive) < 0.75
