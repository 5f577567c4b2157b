"""Scores: what the model learns, what callers get, and how both are judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

import burnish
from burnish.errors import ConfigError, DataError, InputError
from burnish.recipe.recipe import parse_recipe
from burnish.recipe.validation import validate_keys
from burnish.self_test.record import ScoreProbe
from burnish.tasks import RegressionTask, Score, ScoreExample
from burnish.tasks.evaluation import evaluate
from burnish.tasks.regression.conformal import half_width
from burnish.tasks.regression.correlation import pearson, spearman
from burnish.tasks.regression.errors import ScoreErrors
from burnish.tasks.regression.levels import MOST_LEVELS, seem_levels
from burnish.tasks.regression.self_test import RECORDER
from tests.tiny_onnx import tiny_bundle

TASK = RegressionTask(center=3.0, spread=2.0, half_width=1.5, max_length=16, stride=4)


def rows(scores: list[float]) -> list[ScoreExample]:
    return [ScoreExample(id=f"a:{i}", text=f"t {i}", score=s) for i, s in enumerate(scores)]


def answers(scores: list[float], task: RegressionTask = TASK) -> list[Score]:
    return [task._answer(score, tokens=1, windows=1) for score in scores]


def test_the_model_learns_deviations_and_answers_in_the_rows_unit(wordpiece: Path) -> None:
    task = RegressionTask.for_examples(rows([1, 3, 5, 7.5]), max_length=16, stride=4)
    assert (task.center, task.spread) == pytest.approx((4.125, np.std([1, 3, 5, 7.5])))
    encoding = task.encode("the card was lost", task.text_encoder(wordpiece))
    (target,) = task.targets(rows([7.5])[0], encoding)
    assert target.shape == ()
    assert target.dtype == np.float32
    answer = task.decode("", encoding, [target[None]])
    assert answer.score == pytest.approx(7.5)
    assert answer.interval is None


def test_a_long_texts_score_is_the_mean_of_its_windows(wordpiece: Path) -> None:
    text = "the card was lost " * 8
    encoding = TASK.encode(text, TASK.text_encoder(wordpiece))
    count = len(encoding.windows)
    assert count > 1
    logits = [np.array([i], np.float32) for i in range(count)]
    answer = TASK.decode(text, encoding, logits)
    assert answer.score == pytest.approx(3 + 2 * (count - 1) / 2)
    assert answer.interval == pytest.approx((answer.score - 1.5, answer.score + 1.5))
    assert (answer.tokens, answer.windows) == (32, count)


def test_an_empty_text_has_no_score(wordpiece: Path) -> None:
    with pytest.raises(InputError, match="is empty"):
        TASK.encode(" ", TASK.text_encoder(wordpiece))


@pytest.mark.parametrize(("count", "place"), [(9, 8), (10, 9), (19, 17), (100, 90)])
def test_the_interval_is_as_wide_as_the_right_error(count: int, place: int) -> None:
    """The k-th smallest of n, k the least whole number of at least (n + 1) · 0.9."""
    errors = np.random.default_rng(0).permutation(np.arange(count)) * np.array(1.0)
    assert half_width(-errors) == place
    assert half_width(np.arange(8.0)) is None


def test_intervals_hold_the_intended_share_of_new_scores() -> None:
    """Whatever the errors' distribution: here one with heavy tails, 2,000 times over."""
    draw = np.random.default_rng(1)
    held = []
    for _ in range(2000):
        errors = draw.standard_t(2, size=61)
        width = half_width(errors[:60])
        assert width is not None
        held.append(abs(errors[60]) <= width)
    assert 0.885 <= np.mean(held) <= 0.935  # 55/61 = 0.902 in theory


def test_calibration_fits_the_width_on_validation(wordpiece: Path) -> None:
    encoder = TASK.text_encoder(wordpiece)
    examples = rows([3.0 + i / 10 for i in range(20)])
    encodings = [TASK.encode(e.text, encoder) for e in examples]
    logits = [[np.zeros(1, np.float32)]] * 20
    fitted = TASK.fit(examples, encodings, logits)
    assert fitted.half_width == pytest.approx(1.8)  # ceil(21 · 0.9) = the 19th error
    assert fitted.uncalibrated().half_width is None
    assert TASK.fit(examples[:8], encodings[:8], logits[:8]).half_width is None


def test_correlations_are_scipys_ties_and_all() -> None:
    draw = np.random.default_rng(2)
    one: Any = draw.integers(0, 6, 80) * 1.0
    other = draw.normal(size=80)
    other[:40] = np.round(other[:40])
    ones = np.ones(80)
    assert spearman(one, other, ones) == pytest.approx(stats.spearmanr(one, other)[0])
    assert pearson(one, other, ones) == pytest.approx(stats.pearsonr(one, other)[0])
    weights = draw.multinomial(80, np.full(80, 1 / 80), size=5).astype(float)
    for row, found in zip(weights, spearman(one, other, weights), strict=True):
        drawn = np.repeat(np.arange(80), row.astype(int))
        assert found == pytest.approx(stats.spearmanr(one[drawn], other[drawn])[0])


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9 + 0.1])
def test_a_constant_has_no_correlation(constant: float) -> None:
    flat, ones = np.full(7, constant), np.ones(7)
    for found in (spearman, pearson):
        assert found(np.arange(7.0), flat, ones) == 0


def test_metrics_are_those_of_the_libraries_with_intervals() -> None:
    draw = np.random.default_rng(3)
    true = draw.normal(3, 2, 120)
    given = true + draw.normal(0, 1, 120)
    found = evaluate(TASK, rows(true.tolist()), answers(given.tolist())).metrics
    assert list(found) == ["skill", "spearman", "pearson", "mae", "rmse", "coverage"]
    reference = np.mean(np.abs(true - TASK.center))
    assert found["skill"].value == pytest.approx(1 - np.mean(np.abs(true - given)) / reference)
    assert found["spearman"].value == pytest.approx(stats.spearmanr(true, given)[0])
    assert found["mae"].value == pytest.approx(sklearn_metrics.mean_absolute_error(true, given))
    rmse = sklearn_metrics.root_mean_squared_error(true, given)
    assert found["rmse"].value == pytest.approx(rmse)
    assert found["coverage"].value == pytest.approx(np.mean(np.abs(true - given) <= 1.5))
    for each in found.values():
        assert each.low < each.value < each.high
    assert found["mae"].high - found["mae"].low == pytest.approx(0.21, abs=0.08)


def test_large_units_and_negative_correlations_have_intervals_too() -> None:
    true = [float(1000 * i) for i in range(12)]
    found = evaluate(TASK, rows(true), answers(true[::-1])).metrics
    assert found["spearman"].value == pytest.approx(-1)
    assert found["mae"].low < found["mae"].value < found["mae"].high
    perfect = evaluate(TASK, rows(true), answers(true)).metrics
    assert (perfect["mae"].low, perfect["mae"].high) == (0, 0)
    assert perfect["coverage"].value == 1 > perfect["coverage"].low


LEVELS = RegressionTask.for_examples(rows([1, 2, 3, 5, 5, 1]), half_width=1.0)


def test_few_whole_numbers_are_levels_unless_the_recipe_says_no() -> None:
    assert list(LEVELS.levels) == [1, 2, 3, 5]
    assert RegressionTask.for_examples(rows([1, 2, 3]), ordinal=False).levels == ()
    assert RegressionTask.for_examples(rows([0.5, 1]), ordinal=True).levels == (0.5, 1)
    assert not seem_levels({1.0, 2.0})
    assert not seem_levels({1.0, 2.5, 3.0})
    many = rows([i / 2 for i in range(MOST_LEVELS + 1)])
    with pytest.raises(DataError, match="21 different scores, too many for levels"):
        RegressionTask.for_examples(many, ordinal=True)


def test_an_answer_has_the_nearest_level() -> None:
    given = answers([-4, 1.4, 3.9, 4.1, 99], LEVELS)
    assert [answer.level for answer in given] == [1, 1, 3, 5, 5]
    assert given[1].answer_document(5)["level"] == 1
    assert "level" not in answers([1])[0].answer_document(5)


def test_levels_agree_as_scikit_learns_kappa_says() -> None:
    draw = np.random.default_rng(4)
    true = draw.choice([1, 2, 3, 5], 90).tolist()
    given = (np.array(true) + draw.normal(0, 1, 90)).tolist()
    found = evaluate(LEVELS, rows(true), answers(given, LEVELS))
    levels = [answer.level for answer in answers(given, LEVELS)]
    kappa = sklearn_metrics.cohen_kappa_score(true, levels, weights="quadratic")
    place: dict[Any, int] = {1: 0, 2: 1, 3: 2, 5: 3}
    apart = [abs(place[a] - place[b]) for a, b in zip(true, levels, strict=True)]
    assert found.metrics["kappa"].value == pytest.approx(kappa)
    assert found.metrics["level_accuracy"].value == np.mean([a == 0 for a in apart])
    assert found.metrics["within_one_level"].value == np.mean([a <= 1 for a in apart])
    assert found.labels["5"].support == true.count(5)
    assert sum(count for *_, count in found.confusion) == sum(a > 0 for a in apart)


def test_a_small_move_is_the_same_answer_and_a_large_one_is_told() -> None:
    one, near, far = answers([4.0, 4.19, 4.21])
    assert TASK.same_answer(one, near)
    assert not TASK.same_answer(one, far)
    told = TASK.agreement_detail([one, near], [near, one])
    assert "move by 0.19 at most" in told
    assert "rank correlation -1.0000" in told
    assert one.distance(far) == pytest.approx(0.105)


def test_errors_are_scores_outside_their_interval() -> None:
    example, reader = rows([3.0])[0], ScoreErrors()
    inside, high, low = answers([4.4, 5.0, 1.0])
    assert TASK.correct(example, inside)
    assert list(reader.kinds(example, inside)) == []
    assert list(reader.kinds(example, high)) == ["too high"]
    assert list(reader.kinds(example, low)) == ["too low"]
    wrong = reader.describe(example, high)
    assert (wrong.true, wrong.said, wrong.score) == ("3", "5", 0.5)


def test_the_self_test_compares_in_deviations() -> None:
    (answer,) = answers([4.0])
    before = RECORDER.record(TASK, answer, tolerance=0.01, close=False)
    assert isinstance(before, ScoreProbe)
    assert before.score == 4.0
    near, far = answers([4.079, 4.081])
    assert not list(RECORDER.differences(before, near, TASK, tolerance=0.01))
    (told,) = RECORDER.differences(before, far, TASK, tolerance=0.01)
    assert "4.081, recorded 4" in told


@pytest.mark.parametrize(
    ("key", "value"), [("abstain", {"error": 0.1}), ("thresholds", "precision>=0.9")]
)
def test_what_needs_probabilities_is_refused(key: str, value: object) -> None:
    document = {"task": "regression", "data": {"train": "a.csv"}, "output": "runs/a", key: value}
    with pytest.raises(ConfigError, match=key) as caught:
        validate_keys(parse_recipe(document))
    assert "leave abstain out" in caught.value.hint or "thresholds=f1" in caught.value.hint


def test_a_bundle_gives_a_score_and_its_interval(tmp_path: Path) -> None:
    with burnish.load(tiny_bundle(tmp_path / "b", "regression")) as model:
        answer = model.predict_one("My invoice is late")
        assert isinstance(answer, Score)
        document = answer.document(5)
    assert list(document) == ["score", "interval", "tokens", "windows"]
    low, high = document["interval"]
    assert (low + high) / 2 == pytest.approx(document["score"])
    assert high - low == pytest.approx(2.0)
