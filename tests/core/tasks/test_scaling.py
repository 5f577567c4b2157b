"""Temperatures and shifts that are put into scores are found again, and no answer moves."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.scaling import (
    MAX_TEMPERATURE,
    MIN_TEMPERATURE,
    Scaling,
    fit_scaling,
    fit_temperature,
    improves,
    lowest,
    soft_targets,
)
from burnish.tasks.scores import sigmoid, softmax

LABELS = ("a", "b", "c")
ENCODING: Any = SimpleNamespace(tokens=1, windows=(None,))


def drawn(rows: int, temperature: float, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too large by the temperature, and labels of the right odds."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(0, 2, (rows, len(LABELS)))
    true = np.array([rng.choice(len(LABELS), p=p) for p in softmax(honest)])
    return honest * temperature, true


def examples_of(true: np.ndarray) -> list[ClassificationExample]:
    return [
        ClassificationExample(id=f"a:{i}", text="x", labels=(LABELS[t],))
        for i, t in enumerate(true)
    ]


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_a_temperature_is_found_again(temperature: float) -> None:
    logits, true = drawn(4000, temperature)
    assert fit_temperature(logits, true) == pytest.approx(temperature, rel=0.08)


def test_rows_without_a_mistake_do_not_make_scores_certain() -> None:
    logits = np.eye(3)[np.arange(60) % 3]
    temperature = fit_temperature(logits, np.arange(60) % 3)
    assert temperature > MIN_TEMPERATURE
    assert 0.95 < softmax(logits / temperature)[0, 0] < 0.999


@pytest.mark.parametrize(("rows", "labels"), [(60, 3), (20, 2), (200, 4)])
def test_without_a_mistake_the_best_score_is_what_as_many_rows_cannot_rule_out(
    rows: int, labels: int
) -> None:
    true = np.arange(rows) % labels
    doubt = 1 / (rows + 2)
    share = 1 - doubt + doubt / labels  # the smoothed target of the true label
    temperature = 1 / math.log((labels - 1) * share / (1 - share))
    assert fit_temperature(np.eye(labels)[true], true) == pytest.approx(temperature, rel=1e-4)


def test_targets_are_drawn_in_by_one_right_and_one_wrong_answer() -> None:
    right = np.array([True, False, True, True])
    assert soft_targets(right) == pytest.approx([4 / 5, 1 / 3, 4 / 5, 4 / 5])
    assert soft_targets(np.array([True])) == pytest.approx([2 / 3])
    assert soft_targets(np.array([False])) == pytest.approx([1 / 3])


def at_two_scores(logit: float, counts: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """40 answers at a score and 40 at its opposite, of which so many are right."""
    logits = np.repeat([logit, -logit], 40)
    right = np.concatenate([np.arange(40) < count for count in counts])
    return logits, right


def smoothed(counts: tuple[int, int]) -> list[float]:
    """The logits of the mean targets at both scores: a line through two points meets them."""
    hits = sum(counts)
    high, low = (hits + 1) / (hits + 2), 1 / (80 - hits + 2)
    means = [(count * high + (40 - count) * low) / 40 for count in counts]
    return [math.log(mean / (1 - mean)) for mean in means]


@pytest.mark.parametrize("counts", [(36, 16), (30, 10), (25, 4)])
def test_platt_scaling_meets_the_smoothed_share_at_each_of_two_scores(
    counts: tuple[int, int],
) -> None:
    found = fit_scaling(*at_two_scores(4.0, counts))
    upper, lower = smoothed(counts)
    assert found is not None
    assert 1 / found.temperature == pytest.approx((upper - lower) / 8, rel=1e-6)
    assert found.shift == pytest.approx((upper + lower) / 2, abs=1e-6)


def test_a_scaling_that_all_but_ignores_the_score_is_none() -> None:
    counts = (32, 8)
    upper, _ = smoothed(counts)
    kept, dropped = (fit_scaling(*at_two_scores(a * upper, counts)) for a in (19.5, 20.5))
    assert kept is not None
    assert kept.temperature == pytest.approx(19.5, rel=1e-6)
    assert dropped is None


def test_a_scaling_of_scores_that_part_right_and_wrong_has_the_least_temperature() -> None:
    found = fit_scaling(*at_two_scores(0.001, (40, 0)))
    assert found is not None
    assert found.temperature == MIN_TEMPERATURE


@pytest.mark.parametrize(("few", "fitted"), [(20, True), (19, False)])
@pytest.mark.parametrize("wrong", [True, False])
def test_a_scaling_is_fitted_from_twenty_right_and_twenty_wrong_answers(
    few: int, fitted: bool, wrong: bool
) -> None:
    """Scores of one value for the few and another for the many, so that a fit is sure to gain."""
    few_right = not wrong
    logits = np.concatenate([np.full(few, 0.1), np.full(100, -0.1)]) * (1 if few_right else -1)
    right = np.concatenate([np.full(few, few_right), np.full(100, not few_right)])
    assert (fit_scaling(logits, right) is not None) == fitted


@pytest.mark.parametrize(("rows", "fitted"), [(20, True), (19, False)])
def test_a_temperature_is_fitted_from_twenty_rows(rows: int, fitted: bool) -> None:
    true = np.arange(rows) % 2
    assert (fit_temperature(np.eye(2)[true], true) != 1.0) == fitted


def test_a_score_is_scaled_in_its_logit() -> None:
    scaling = Scaling(temperature=2.0, shift=0.5)
    assert scaling.score(0.9) == pytest.approx(1 / (1 + math.exp(-0.5) / 3))  # logit ln 9
    assert scaling.unscaled(scaling.score(0.9)) == pytest.approx(0.9)
    assert scaling.unscaled(0.5) == pytest.approx(1 / (1 + math.e))
    assert not scaling.is_identity


def test_a_shift_alone_or_a_temperature_alone_changes_scores() -> None:
    assert Scaling(shift=1.0).score(0.5) == pytest.approx(1 / (1 + math.exp(-1)))
    assert Scaling(temperature=2.0).score(0.9) == pytest.approx(0.75)  # logit ln 9 becomes ln 3
    assert Scaling(shift=1.0).unscaled(0.5) == pytest.approx(1 / (1 + math.e))
    assert Scaling(temperature=2.0).unscaled(0.75) == pytest.approx(0.9)
    assert [each.is_identity for each in (Scaling(), Scaling(shift=0.1))] == [True, False]
    assert not Scaling(temperature=0.9).is_identity


@pytest.mark.parametrize(
    ("best", "found"),
    [(3.0, 3.0), (0.07, 0.07), (18.0, 18.0), (0.01, MIN_TEMPERATURE), (90.0, MAX_TEMPERATURE)],
)
def test_the_lowest_point_of_a_valley_is_found_within_its_bounds(best: float, found: float) -> None:
    temperature = lowest(lambda each: (math.log(each) - math.log(best)) ** 2)
    assert temperature == pytest.approx(found, rel=2e-6)
    assert MIN_TEMPERATURE <= temperature <= MAX_TEMPERATURE


def test_the_search_for_the_lowest_point_asks_once_for_each_step() -> None:
    asked: list[float] = []

    def loss(temperature: float) -> float:
        asked.append(temperature)
        return abs(math.log(temperature))

    lowest(loss)
    assert len(asked) == len(set(asked))
    # Each step leaves 0.618 of ln(20 / 0.05) = 5.99, down to a millionth.
    assert 33 <= len(asked) <= 36


def test_a_fit_is_judged_on_five_folds_that_it_has_not_seen() -> None:
    seen: list[tuple[int, ...]] = []
    judged: list[tuple[int, ...]] = []

    def fit(places: np.ndarray) -> str:
        seen.append(tuple(places))
        return "fitted"

    def loss(found: str | None, places: np.ndarray) -> float:
        if found:
            judged.append(tuple(places))
        return 1.0 if found is None else 0.9

    assert improves(23, fit, loss)
    assert sorted(map(len, judged)) == [4, 4, 5, 5, 5]
    assert sorted(place for fold in judged for place in fold) == list(range(23))
    for fold, rest in zip(judged, seen, strict=True):
        assert sorted([*fold, *rest]) == list(range(23))
    assert [*judged[0]] != sorted(judged[0])  # drawn, not the first rows


@pytest.mark.parametrize(("gain", "better"), [(0.1, True), (0.0, False), (-0.1, False)])
def test_a_fit_that_gains_nothing_does_not_improve(gain: float, better: bool) -> None:
    assert improves(10, lambda _: 0, lambda fit, _: 1.0 if fit is None else 1.0 - gain) == better


def test_the_gains_of_all_folds_are_summed() -> None:
    def loss(fit: int | None, places: np.ndarray) -> float:
        if fit is None:
            return 0.0
        return -4.0 if 0 in places else 1.5

    assert not improves(20, lambda _: 0, loss)
    assert improves(20, lambda _: 0, lambda f, p: loss(f, p) - 0.5 * (f is not None))


def test_too_few_rows_fit_nothing() -> None:
    logits, true = drawn(19, 3.0)
    assert fit_temperature(logits, true) == 1.0
    assert fit_scaling(logits[:, 0], true == 0) is None


def test_platt_scaling_is_the_logistic_regression_of_scikit_learn() -> None:
    rng = np.random.default_rng(8)
    logits = rng.normal(0, 3, 3000)
    right = rng.random(3000) < sigmoid(logits / 2.5 - 1.0)
    found = fit_scaling(logits, right)
    theirs = LogisticRegression(C=1e9).fit(logits[:, None], right)
    assert found is not None
    assert 1 / found.temperature == pytest.approx(theirs.coef_[0, 0], rel=0.01)
    assert found.shift == pytest.approx(theirs.intercept_[0], rel=0.01)


def test_a_fit_is_kept_only_where_it_lowers_the_loss_of_rows_that_it_has_not_seen() -> None:
    for seed in range(30):
        logits, true = drawn(40, 1.0, seed=seed)
        temperature = fit_temperature(logits, true)
        assert temperature == 1.0 or _held_out_gain(logits, true) > 0
    kept = [fit_temperature(*drawn(40, 1.0, seed=seed)) for seed in range(30)]
    assert 5 < sum(each == 1.0 for each in kept) < 30
    assert all(fit_temperature(*drawn(400, 3.0, seed=seed)) > 2 for seed in range(5))


def _held_out_gain(logits: np.ndarray, true: np.ndarray) -> float:
    """By five folds drawn as the fit draws them, from the definition."""
    order, gain = np.random.default_rng(13).permutation(len(true)), 0.0
    for held_out in np.array_split(order, 5):
        rest = np.setdiff1d(order, held_out)
        doubt = 1 / (len(rest) + 2)
        target = np.full((len(rest), 3), doubt / 3) + (1 - doubt) * np.eye(3)[true[rest]]
        best = minimize_scalar(
            lambda t, r=rest, y=target: -(y * log_softmax(logits[r] / t, axis=1)).sum(),
            bounds=(0.05, 20),
            method="bounded",
            options={"xatol": 1e-7},
        ).x
        rows = np.arange(len(held_out))
        one, other = (
            log_softmax(logits[held_out] / t, axis=1)[rows, true[held_out]].sum() for t in (1, best)
        )
        gain += other - one
    return gain + 1e-6


def test_a_scaling_of_honest_scores_is_mostly_left_alone() -> None:
    found = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        logits = rng.normal(0, 2, 120)
        found.append(fit_scaling(logits, rng.random(120) < sigmoid(logits)))
    assert sum(each is None for each in found) > 10


def test_scores_that_fall_where_answers_are_right_are_left_alone() -> None:
    logits = np.linspace(-2, 2, 200)
    assert fit_scaling(logits, logits < 0) is None


def test_a_scaling_can_be_undone() -> None:
    scaling = Scaling(temperature=2.0, shift=-0.5)
    assert scaling.unscaled(scaling.score(0.83)) == pytest.approx(0.83)
    assert Scaling().score(0.1 + 0.2) == 0.1 + 0.2


def test_one_label_keeps_its_answers_and_gets_honest_scores() -> None:
    logits, true = drawn(1500, 4.0)
    windows = [(row.astype(np.float32),) for row in logits]
    task = ClassificationTask(labels=LABELS)
    fitted = task.fit(examples_of(true), [ENCODING] * len(true), windows)
    answers = [[each.decode("x", ENCODING, w) for w in windows] for each in (task, fitted)]
    assert [a.labels for a in answers[0]] == [a.labels for a in answers[1]]
    hits = np.mean([a.labels[0] == LABELS[t] for a, t in zip(answers[1], true, strict=True)])
    scores = [np.mean([a.scores[0].score for a in each]) for each in answers]
    assert abs(scores[1] - hits) < 0.02 < 0.1 < abs(scores[0] - hits)


def test_several_labels_keep_their_answers_with_and_without_calibration() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(0, 2, (800, 3))
    true = rng.random((800, 3)) < sigmoid(logits / 3 - 0.5)
    rows = [
        ClassificationExample(
            id=f"a:{i}", text="x", labels=tuple(n for n, t in zip(LABELS, row, strict=True) if t)
        )
        for i, row in enumerate(true)
    ]
    windows = [(row.astype(np.float32),) for row in logits]
    task = ClassificationTask(labels=LABELS, multi_label=True)
    encodings = [ENCODING] * 800
    fitted, tuned = (getattr(task, how)(rows, encodings, windows) for how in ("fit", "tune"))
    assert all(abs(each.temperature - 3) < 0.7 for each in fitted.scalings.values())
    for other in (tuned, fitted.uncalibrated()):
        for each in windows:
            one, two = (some.decode("x", ENCODING, each) for some in (fitted, other))
            assert set(one.labels) == set(two.labels)
