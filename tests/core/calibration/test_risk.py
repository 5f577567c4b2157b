"""The bound is Clopper and Pearson's, and the promise is kept as often as it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import beta, binom

from burnish.calibration.risk import (
    Start,
    _levels,
    error_bound,
    error_chance,
    least_answers,
    safest_cut,
    starts_of,
)


@pytest.mark.parametrize(
    ("wrong", "answered"), [(0, 1), (0, 59), (3, 100), (40, 1000), (900, 5000)]
)
@pytest.mark.parametrize("doubt", [0.05, 0.001])
def test_the_bound_is_that_of_scipy(wrong: int, answered: int, doubt: float) -> None:
    theirs = beta.ppf(1 - doubt, wrong + 1, answered - wrong)
    assert error_bound(wrong, answered, doubt=doubt) == pytest.approx(theirs, abs=1e-7)
    assert error_bound(answered, answered, doubt=doubt) == 1.0


@pytest.mark.parametrize(
    ("wrong", "answered"), [(0, 1), (0, 90), (1, 1), (3, 100), (5, 5), (40, 1000)]
)
@pytest.mark.parametrize("error", [0.01, 0.05, 0.5])
def test_the_chance_of_so_few_errors_is_that_of_scipy(
    wrong: int, answered: int, error: float
) -> None:
    theirs = binom.cdf(wrong, answered, error)
    assert error_chance(wrong, answered, error=error) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("error", "confidence", "least"),
    [(0.05, 0.95, 90), (0.1, 0.95, 44), (0.05, 0.99, 122), (0.5, 0.5, 4), (0.99, 0.01, 1)],
)
def test_so_many_right_answers_are_needed(error: float, confidence: float, least: int) -> None:
    """A fifth of the doubt for each of the five sequences: (1 - error)^n <= doubt / 5."""
    assert least_answers(error=error, confidence=confidence) == least
    doubt = (1 - confidence) / 5
    assert (1 - error) ** least <= doubt or least == 1
    assert (1 - error) ** (least - 1) > doubt or least == 1


def test_scores_are_looked_at_from_the_highest_down_to_zero() -> None:
    levels = _levels()
    logits = np.log(levels[:-1] / (1 - levels[:-1]))
    assert levels[0] == pytest.approx(1 / (1 + math.exp(-8)))
    assert np.diff(logits) == pytest.approx(-0.05)
    assert (len(levels), levels[-1]) == (261, 0.0)
    assert levels[-2] == pytest.approx(1 / (1 + math.exp(4.95)))


def test_the_sequences_begin_at_five_scores_and_count_what_reaches_them() -> None:
    scores = np.array([0.9999, 0.995, 0.97, 0.92, 0.8, 0.6])
    right = np.array([True, False, True, True, False, False])
    found = starts_of(scores, right)
    assert [(start.answered, start.wrong) for start in found] == [
        (1, 0),
        (2, 1),
        (3, 1),
        (4, 1),
        (5, 2),
    ]
    levels = [0.999, 0.99, 0.95, 0.9, 0.7]
    for start, level in zip(found, levels, strict=True):
        # The next of the scores that are looked at, which lie 0.05 apart in logits.
        gap = math.log(level / (1 - level)) - math.log(start.threshold / (1 - start.threshold))
        assert 0 <= gap < 0.05 + 1e-9
    assert found[0].doubt(0.95) == pytest.approx(0.01)
    assert Start(0.7, 1, 0).doubt(0.8) == pytest.approx(0.04)


@pytest.mark.parametrize(("count", "promised"), [(90, True), (89, False)])
def test_each_sequence_has_a_fifth_of_the_doubt(count: int, promised: bool) -> None:
    """All answers have one score, and are right: 0.95^90 < 0.05 / 5 < 0.95^89."""
    cut = safest_cut(np.full(count, 0.95), np.ones(count, bool), error=0.05, confidence=0.95)
    assert (cut is not None) == promised


def test_a_sequence_ends_where_the_bound_does_not_hold_and_another_may_begin_below() -> None:
    scores = np.concatenate([np.full(30, 0.9995), np.full(300, 0.8)])
    right = np.concatenate([np.zeros(5, bool), np.ones(325, bool)])
    # The five surest errors are too many of 30, and few enough of 330.
    cut = safest_cut(scores, right, error=0.05, confidence=0.95)
    assert cut is not None
    assert (cut.threshold, cut.answered, cut.wrong) == (0.0, 330, 5)
    some = safest_cut(
        np.append(scores, np.full(60, 0.4)),
        np.append(right, np.zeros(60, bool)),
        error=0.05,
        confidence=0.95,
    )
    assert some is not None
    assert 0.4 < some.threshold < 0.42
    assert (some.answered, some.wrong) == (330, 5)


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


def test_an_answer_with_the_score_itself_reaches_it() -> None:
    cut = safest_cut(np.linspace(0, 1, 400), np.ones(400, bool), error=0.05, confidence=0.95)
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
