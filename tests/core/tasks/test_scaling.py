"""Temperatures and shifts that are put into scores are found again, and no answer moves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from burnish.data.examples import ClassificationExample
from burnish.tasks import ClassificationTask
from burnish.tasks.scaling import MIN_TEMPERATURE, Scaling, fit_scaling, fit_temperature
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


def test_a_handful_of_rows_fits_nothing() -> None:
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
