"""Every interval holds its score, and no number of rows makes it a point."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from burnish.calibration import reliability_of
from burnish.calibration.scope import auroc, auroc_interval
from burnish.evidence.bias import compare_answers
from burnish.evidence.bias.comparison import Move
from burnish.tasks import ClassificationTask, ExtractionTask, QATask
from burnish.tasks.intervals import bootstrap, resample, score_rows, wilson
from burnish.tasks.predictions import Claim

FEW = settings(max_examples=60, deadline=None)


def one_label(rng: np.random.Generator, rows: int) -> tuple[Any, np.ndarray]:
    predicted, true = np.eye(3)[rng.integers(0, 3, rows)], np.eye(3)[rng.integers(0, 3, rows)]
    right = predicted * true
    head = np.stack([np.ones(rows), right.sum(1)], axis=1)
    return ClassificationTask(labels=("a", "b", "c")), np.hstack([head, right, predicted, true])


def several_labels(rng: np.random.Generator, rows: int) -> tuple[Any, np.ndarray]:
    predicted, true = (rng.integers(0, 2, (rows, 3)).astype(float) for _ in range(2))
    head = np.stack([np.ones(rows), (predicted == true).all(1)], axis=1)
    task = ClassificationTask(labels=("a", "b", "c"), multi_label=True)
    return task, np.hstack([head, predicted * true, predicted, true])


def entities(rng: np.random.Generator, rows: int) -> tuple[Any, np.ndarray]:
    predicted, true = (rng.integers(0, 4, (rows, 2)).astype(float) for _ in range(2))
    right = np.minimum(rng.integers(0, 4, (rows, 2)), np.minimum(predicted, true))
    return ExtractionTask(labels=("a", "b")), np.hstack([right, predicted, true])


def questions(rng: np.random.Generator, rows: int) -> tuple[Any, np.ndarray]:
    exact = rng.integers(0, 2, rows)
    partly = np.maximum(exact, rng.choice([0.0, 0.5, 1.0], rows))
    rest = np.zeros((rows, 6))
    return QATask(), np.hstack([np.stack([np.ones(rows), exact, partly], axis=1), rest])


@pytest.mark.parametrize("make", [one_label, several_labels, entities, questions])
@FEW
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 30))
def test_an_interval_contains_its_score_and_has_a_width(make: Any, seed: int, rows: int) -> None:
    task, statistics = make(np.random.default_rng(seed), rows)
    for name, each in score_rows(task, statistics, resamples=50).items():
        assert 0 <= each.low <= each.value <= each.high <= 1, name
        assert each.low < each.high, name


@pytest.mark.parametrize("make", [one_label, several_labels, entities, questions])
@pytest.mark.parametrize("rows", [1, 90])
def test_a_perfect_score_has_at_most_wilsons_lower_bound(make: Any, rows: int) -> None:
    task, statistics = make(np.random.default_rng(1), rows)
    right = _all_right(task, statistics)
    found = score_rows(task, right, resamples=50)
    share = binomtest(rows, rows).proportion_ci(0.95, method="wilson").low
    for name, each in found.items():
        assert (each.value, each.high) == (1.0, 1.0), name
        assert each.low <= share + 1e-9, name
    assert found[task.main_metric].low == pytest.approx(share)


def _all_right(task: Any, statistics: np.ndarray) -> np.ndarray:
    """The statistics of the same true answers, all found."""
    if isinstance(task, QATask):
        return np.hstack([np.ones((len(statistics), 3)), statistics[:, 3:]])
    head = 2 if isinstance(task, ClassificationTask) else 0
    labels = (statistics.shape[1] - head) // 3
    true = np.maximum(statistics[:, -labels:], 1.0 if not head else 0.0)
    if getattr(task, "multi_label", False):
        true[:, 0] = 1.0
    return np.hstack([np.ones((len(true), head)), true, true, true])


@pytest.mark.parametrize(
    ("hits", "trials"), [(0, 1), (1, 1), (0, 90), (90, 90), (7, 20), (500, 1000)]
)
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.999])
def test_wilsons_interval_is_that_of_scipy(hits: int, trials: int, confidence: float) -> None:
    theirs = binomtest(hits, trials).proportion_ci(confidence, method="wilson")
    assert wilson(hits / trials, trials, confidence=confidence) == pytest.approx(tuple(theirs))


def test_an_interval_is_that_of_ninety_five_percent_unless_said_otherwise() -> None:
    theirs = binomtest(50, 100).proportion_ci(0.95, method="wilson")
    assert wilson(0.5, 100) == pytest.approx(tuple(theirs))
    assert wilson(0.5, 100) == pytest.approx((0.40383, 0.59617), abs=1e-5)
    assert bootstrap(0.5, np.arange(1001) / 1000, trials=100) == pytest.approx((0.025, 0.975))


def test_a_bootstrap_leaves_half_of_the_doubt_on_each_side() -> None:
    drawn = np.arange(1001) / 1000
    assert bootstrap(0.5, drawn, trials=10, confidence=0.9) == pytest.approx((0.05, 0.95))
    assert bootstrap(0.5, drawn, trials=10, confidence=0.5) == pytest.approx((0.25, 0.75))
    narrow = np.linspace(0.45, 0.55, 1001)  # Wilson's of 10 trials is from 0.24 to 0.76
    assert bootstrap(0.5, narrow, trials=10) == pytest.approx((0.4525, 0.5475))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_score_at_an_end_has_at_least_wilsons_interval(value: float) -> None:
    drawn = np.abs(value - np.linspace(0, 0.01, 1001))
    assert bootstrap(value, drawn, trials=20, confidence=0.9) == pytest.approx(
        wilson(value, 20, confidence=0.9)
    )
    wide = np.abs(value - np.linspace(0, 0.8, 1001))
    ends = sorted([value, abs(value - 0.8 * 0.975)])
    assert bootstrap(value, wide, trials=20) == pytest.approx(tuple(ends))


def test_nothing_is_known_of_no_trials() -> None:
    assert wilson(0.0, 0) == (0.0, 1.0)
    assert wilson(0.7, -1) == (0.0, 1.0)


class Shares:
    """A task whose one metric is the share of rows that are right."""

    proportions: frozenset[str] = frozenset()
    unbounded: frozenset[str] = frozenset()

    def score_of(
        self, rows: np.ndarray, weights: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        totals = rows.sum(axis=0) if weights is None else weights @ rows
        return {"share": totals[..., 0] / totals[..., 1], "rows": totals[..., 1]}

    def trials(self, rows: np.ndarray) -> dict[str, float]:
        return {"share": len(rows), "rows": len(rows)}


SHARES: Any = Shares()


def test_resampled_scores_spread_as_the_binomial_distribution_says() -> None:
    rows = np.stack([np.arange(100) < 30, np.ones(100)], axis=1).astype(float)
    found = resample(SHARES, rows, resamples=4000)
    assert len(found["share"]) == 4000
    assert set(found["rows"]) == {100.0}
    assert found["share"].mean() == pytest.approx(0.3, abs=0.003)
    assert found["share"].std() == pytest.approx(math.sqrt(0.3 * 0.7 / 100), rel=0.05)
    assert len(set(found["share"][:100]) & set(found["share"][100:200])) > 1


def test_resamples_are_as_many_as_asked_for_and_drawn_by_the_seed() -> None:
    rows = np.stack([np.arange(50) < 20, np.ones(50)], axis=1).astype(float)
    one, two = (resample(SHARES, rows, resamples=250)["share"] for _ in range(2))
    other = resample(SHARES, rows, seed=14, resamples=250)["share"]
    assert (len(one), len(other)) == (250, 250)
    assert one.tolist() == two.tolist() != other.tolist()
    assert len(resample(SHARES, rows)["share"]) == 1000
    assert resample(SHARES, rows, seed=13, resamples=250)["share"].tolist() == one.tolist()


def test_shares_of_rows_get_wilsons_interval_and_other_scores_the_bootstraps() -> None:
    task, statistics = questions(np.random.default_rng(3), 60)
    found = score_rows(task, statistics, resamples=300)
    exact, partly = statistics[:, 1].mean(), statistics[:, 2].mean()
    assert (found["exact_match"].low, found["exact_match"].high) == pytest.approx(wilson(exact, 60))
    drawn = resample(task, statistics, resamples=300)["f1"]
    assert (found["f1"].low, found["f1"].high) == bootstrap(partly, drawn, trials=60)


def test_a_score_that_resampling_never_moves_gets_wilsons_interval() -> None:
    assert bootstrap(0.5, np.full(100, 0.5), trials=1) == wilson(0.5, 1)
    assert bootstrap(1.0, np.full(100, 1.0), trials=90)[0] == pytest.approx(0.9591, abs=1e-4)


def test_a_biased_bootstrap_is_widened_to_its_score() -> None:
    assert bootstrap(0.3, np.linspace(0.4, 0.6, 100), trials=50)[0] == 0.3
    assert bootstrap(0.7, np.linspace(0.4, 0.6, 100), trials=50)[1] == 0.7


def test_rare_labels_make_the_macro_f1_less_sure() -> None:
    task = ClassificationTask(labels=("a", "b"))
    balanced, skewed = (
        np.array([[1, 1, *hot, *hot, *hot] for hot in np.eye(2)[place]])
        for place in ([0, 1] * 20, [0] * 39 + [1])
    )
    trials = [task.trials(each)["macro_f1"] for each in (balanced, skewed)]
    assert trials == pytest.approx([40, 4 / (1 / 39 + 1)])
    half = np.array([[1, 1, 1, 0, 1, 0, 1, 0]] * 39 + [[1, 0, 0, 0, 1, 0, 0, 1]], dtype=float)
    found = score_rows(task, half)["macro_f1"]
    assert (found.low, found.high) == wilson(found.value, task.trials(half)["macro_f1"])
    assert found.high < 0.9  # resamples without the rare label would score 1


@FEW
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60),
    st.sampled_from([None, True, False]),
)
def test_a_calibration_error_lies_in_its_interval(
    said: list[tuple[float, bool]], right: bool | None
) -> None:
    rows = [[Claim(score, hit if right is None else right)] for score, hit in said]
    found = reliability_of(rows, resamples=50)
    assert found is not None
    assert 0 <= found.low <= found.ece <= found.high <= 1
    assert found.low < found.high


def test_the_error_of_ninety_right_answers_has_an_upper_bound() -> None:
    found = reliability_of([[Claim(0.99, True)]] * 90)
    assert found is not None
    assert found.ece == pytest.approx(0.01)
    assert found.low == 0.0
    assert found.high == pytest.approx(0.99 - binomtest(90, 90).proportion_ci(method="wilson").low)


@FEW
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
)
def test_an_auroc_lies_in_its_interval(above: list[float], below: list[float]) -> None:
    area = auroc(np.array(above), np.array(below))
    low, high = auroc_interval(area, len(above), len(below))
    assert 0 <= low <= area <= high <= 1
    assert low < high


def test_the_aurocs_interval_is_wilsons_for_one_row_on_each_side() -> None:
    assert auroc_interval(1.0, 1, 1) == pytest.approx(wilson(1.0, 1))
    assert auroc_interval(0.5, 1, 1) == pytest.approx(wilson(0.5, 1))


def test_the_aurocs_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    truth, hits = 0.7602, 0  # the chance that a draw of N(1, 1) is above one of N(0, 1)
    for _ in range(600):
        above, below = rng.normal(1, 1, 40), rng.normal(0, 1, 25)
        low, high = auroc_interval(auroc(above, below), 40, 25)
        hits += low <= truth <= high
    assert 0.92 < hits / 600 < 0.98


def test_an_axis_without_a_flip_still_has_an_upper_bound() -> None:
    moves = [Move("age", f"r:{i}", flipped=False, shift=0.0) for i in range(30)]
    (axis,) = compare_answers(moves, language="en", rows=30).axes
    assert (axis.low, axis.rate) == (0.0, 0.0)
    assert axis.high == pytest.approx(binomtest(0, 30).proportion_ci(method="wilson").high)
