"""One label or several: decoding, thresholds and scores."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.scaling import Scaling, fit_scaling

ONE = ClassificationTask(labels=("a", "b", "c"), max_length=16, stride=4)
SEVERAL = ClassificationTask(labels=("a", "b", "c"), multi_label=True, max_length=16, stride=4)


def row(number: int, *labels: str) -> ClassificationExample:
    return ClassificationExample(id=f"rows:{number}", text="the card", labels=labels)


def test_the_windows_of_a_long_text_are_pooled(wordpiece: Path) -> None:
    encoding = ONE.encode("card " * 40, ONE.text_encoder(wordpiece))
    logits = [np.zeros(3, dtype=np.float32) for _ in encoding.windows]
    logits[-1][1] = 2
    found = ONE.decode("card " * 40, encoding, logits)
    assert found.labels == ("b",)
    assert found.scores[0].score < 0.6
    assert (found.tokens, found.windows) == (40, len(encoding.windows))
    assert len(ONE.targets(row(1, "b"), encoding)) == found.windows > 1


def test_several_labels_have_a_threshold_each(wordpiece: Path) -> None:
    task = SEVERAL.model_copy(update={"thresholds": {"a": 0.9, "b": 0.2}})
    encoding = task.encode("card", task.text_encoder(wordpiece))
    found = task.decode("card", encoding, [np.array([1.0, -1.0, 0.1], dtype=np.float32)])
    assert set(found.labels) == {"b", "c"}


def test_tuned_thresholds_are_never_worse_on_the_rows_they_were_tuned_on(wordpiece: Path) -> None:
    rng = np.random.default_rng(3)
    encoding = SEVERAL.encode("card", SEVERAL.text_encoder(wordpiece))
    examples = [row(n, *[x for x in "abc" if rng.random() < 0.3]) for n in range(200)]
    logits = [
        [np.array([rng.normal() - 2 + 2 * (x in e.labels) for x in "abc"], dtype=np.float32)]
        for e in examples
    ]

    def micro(task: ClassificationTask) -> float:
        found = [task.decode("card", encoding, one) for one in logits]
        return evaluate(task, examples, found, resamples=10).values()["micro_f1"]

    assert micro(SEVERAL.tune(examples, [encoding] * 200, logits)) > micro(SEVERAL) + 0.05


@pytest.mark.parametrize("task", [ONE, SEVERAL])
def test_scores_equal_those_of_scikit_learn(wordpiece: Path, task: ClassificationTask) -> None:
    rng = np.random.default_rng(11)
    encoding = task.encode("card", task.text_encoder(wordpiece))
    examples, predictions = [], []
    for number in range(120):
        labels = (
            [x for x in "abc" if rng.random() < 0.4] if task.multi_label else [rng.choice([*"ab"])]
        )
        examples.append(row(number, *labels))
        logits = [rng.normal(size=3).astype(np.float32)]
        predictions.append(task.decode("card", encoding, logits))
    ours = evaluate(task, examples, predictions, resamples=50)
    true = np.array([[x in e.labels for x in "abc"] for e in examples])
    found = np.array([[x in p.labels for x in "abc"] for p in predictions])
    assert ours.values()["accuracy"] == pytest.approx(accuracy_score(true, found))
    for name in ("macro", "micro"):
        expected = f1_score(true, found, average=name, zero_division=0)
        assert ours.values()[f"{name}_f1"] == pytest.approx(expected)
    for interval in ours.metrics.values():
        assert interval.low < interval.value < interval.high
    assert Evaluation.from_json(ours.to_json()) == ours


def test_confusions_are_counted_with_the_most_frequent_first(wordpiece: Path) -> None:
    encoding = ONE.encode("card", ONE.text_encoder(wordpiece))
    says_b = ONE.decode("card", encoding, [np.array([0, 1, 0], dtype=np.float32)])
    examples = [row(1, "a"), row(2, "c"), row(3, "c"), row(4, "b")]
    found = evaluate(ONE, examples, [says_b] * 4, resamples=10)
    assert found.confusion == (("c", "b", 2), ("a", "b", 1))
    assert found.labels["b"].precision == pytest.approx(0.25)


ENCODING: Any = SimpleNamespace(tokens=1, windows=(None,))


def logits_of(*shares: float) -> list[np.ndarray]:
    """Of one window, with these odds each."""
    return [np.array([math.log(p / (1 - p)) for p in shares], dtype=np.float64)]


def test_the_labels_of_a_task_are_those_that_occur_in_order() -> None:
    rows = [row(1, "b"), row(2, "a", "c"), row(3)]
    task = ClassificationTask.for_examples(rows, max_length=64)
    assert (task.labels, task.multi_label, task.max_length) == (("a", "b", "c"), False, 64)
    assert task.output_labels == task.answer_labels == ("a", "b", "c")


def test_what_decides_and_what_is_summed_up_is_named_by_the_kind_of_labels() -> None:
    assert (ONE.main_metric, SEVERAL.main_metric) == ("accuracy", "micro_f1")
    assert SEVERAL.summary_metrics == ("micro_f1", "macro_f1")
    assert ONE.answers == "classification with one label per text"
    assert SEVERAL.answers == "classification with several labels per text"
    assert ONE.proportions == {"accuracy", "macro_f1", "micro_f1"}
    assert SEVERAL.proportions == {"accuracy", "macro_f1"}


def test_targets_are_a_number_or_one_flag_per_label() -> None:
    (one,) = ONE.targets(row(1, "c"), ENCODING)
    (several,) = SEVERAL.targets(row(1, "a", "c"), ENCODING)
    assert (one.tolist(), several.tolist()) == (2, [1.0, 0.0, 1.0])
    assert [each.dtype.name for each in (one, several)] == ["int64", "float32"]


def test_one_label_is_the_softmax_of_the_mean_over_the_temperature() -> None:
    task = ONE.model_copy(update={"temperature": 2.0})
    windows = [np.log(np.array(each)) for each in ([1.0, 4.0, 16.0], [1.0, 4.0, 1.0])]
    # The mean is the logarithm of 1, 4 and 4; half of it, of 1, 2 and 2.
    assert task.scores(windows) == pytest.approx([0.2, 0.4, 0.4])


def test_several_labels_are_scaled_each_on_its_own() -> None:
    scalings = {"a": Scaling(temperature=2.0), "b": Scaling(shift=math.log(3))}
    task = SEVERAL.model_copy(update={"scalings": scalings})
    assert task.scores(logits_of(0.9, 0.5, 0.6)) == pytest.approx([0.75, 0.75, 0.6])
    assert SEVERAL.scores(logits_of(0.9, 0.5, 0.6)) == pytest.approx([0.9, 0.5, 0.6])


def test_a_label_is_given_from_its_threshold_on_and_from_one_half_where_it_has_none() -> None:
    task = SEVERAL.model_copy(update={"thresholds": {"a": 0.75}})
    exact = task.scores(logits_of(0.75, 0.5, 0.5))
    task = task.model_copy(update={"thresholds": {"a": float(exact[0])}})
    given = task.decode("x", ENCODING, logits_of(0.75, 0.5, 0.49))
    assert given.labels == ("a", "b")
    assert [score.label for score in given.scores] == ["a", "b", "c"]
    assert task.decode("x", ENCODING, logits_of(0.74, 0.49, 0.2)).labels == ()
    assert task.said_score(logits_of(0.75, 0.5, 0.2)) == pytest.approx(0.75)
    assert task.said_score(logits_of(0.74, 0.5, 0.2)) == pytest.approx(0.5)
    assert task.said_score(logits_of(0.74, 0.4, 0.2)) == 0.0
    assert ONE.said_score([np.log(np.array([1.0, 2.0, 5.0]))]) == pytest.approx(0.625)


def test_of_several_labels_those_are_marked_that_are_given_with_a_low_score() -> None:
    task = SEVERAL.model_copy(update={"abstain_below": 0.8, "thresholds": {"b": 0.9}})
    found = task.decode("x", ENCODING, logits_of(0.7, 0.85, 0.95))
    assert [(s.label, s.abstained) for s in found.scores] == [
        ("c", False),
        ("b", False),
        ("a", True),
    ]
    assert found.labels == ("c", "a")
    assert not found.abstained
    assert task.decode("x", ENCODING, logits_of(0.7, 0.85, 0.2)).abstained
    assert not task.decode("x", ENCODING, logits_of(0.3, 0.3, 0.2)).abstained  # nothing is given


@pytest.mark.parametrize(("least", "marked"), [(0.62, False), (0.63, True)])
def test_one_label_is_marked_below_the_score(least: float, marked: bool) -> None:
    task = ONE.model_copy(update={"abstain_below": least})
    found = task.decode("x", ENCODING, [np.log(np.array([1.0, 2.0, 5.0]))])
    assert found.labels == ("c",)
    assert [score.abstained for score in found.scores] == [marked] * 3
    assert found.abstained == marked


def test_a_score_at_the_limit_is_not_marked() -> None:
    logits = [np.zeros(3, dtype=np.float32)]
    task = ONE.model_copy(update={"abstain_below": float(ONE.scores(logits)[0])})
    assert not task.decode("x", ENCODING, logits).abstained


def test_thresholds_move_with_the_scores_when_calibration_is_undone() -> None:
    scaled = SEVERAL.model_copy(
        update={
            "scalings": {"a": Scaling(temperature=2.0)},
            "thresholds": {"a": 0.75, "b": 0.3},
            "temperature": 2.0,
        }
    )
    plain = scaled.uncalibrated()
    assert plain.thresholds == pytest.approx({"a": 0.9, "b": 0.3})
    assert (plain.scalings, plain.temperature) == ({}, 1.0)


def test_an_aim_for_one_label_is_reached_by_the_best_score() -> None:
    task = ONE.model_copy(update={"aim": "precision>=0.9"})
    odds = [(0.9, "a"), (0.8, "a"), (0.6, "b"), (0.5, "b")]
    windows = [[np.log(np.array([p, (1 - p) / 2, (1 - p) / 2]))] for p, _ in odds]
    examples = [row(n, label) for n, (_, label) in enumerate(odds)]
    tuned = task.tune(examples, [ENCODING] * 4, windows)
    assert tuned.abstain_below == pytest.approx(0.7)
    recall = ONE.model_copy(update={"aim": "recall>=0.25"})
    assert recall.tune(examples, [ENCODING] * 4, windows).abstain_below == pytest.approx(0.85)
    assert ONE.tune(examples, [ENCODING] * 4, windows) == ONE


def test_every_label_that_is_given_is_claimed_with_its_score() -> None:
    found = SEVERAL.decode("x", ENCODING, logits_of(0.9, 0.6, 0.2))
    claims = SEVERAL.claims(row(1, "b", "c"), found)
    assert [claim.right for claim in claims] == [False, True]
    assert [claim.score for claim in claims] == pytest.approx([0.9, 0.6])
    assert (SEVERAL.most_right(row(1, "b", "c")), ONE.most_right(row(1, "b"))) == (2, 1)
    assert SEVERAL.most_right(row(1)) == 0


def test_answers_are_the_same_and_right_whatever_the_order_of_labels() -> None:
    one, other = (
        SEVERAL.decode("x", ENCODING, logits_of(*p)) for p in ((0.9, 0.6, 0.2), (0.6, 0.9, 0.2))
    )
    less = SEVERAL.decode("x", ENCODING, logits_of(0.9, 0.4, 0.2))
    assert one.labels != other.labels
    assert SEVERAL.same_answer(one, other)
    assert not SEVERAL.same_answer(one, less)
    assert SEVERAL.correct(row(1, "b", "a"), one)
    assert not SEVERAL.correct(row(1, "b"), one)


def test_a_row_counts_right_predicted_and_true_of_each_label() -> None:
    found = SEVERAL.decode("x", ENCODING, logits_of(0.9, 0.6, 0.2))
    statistics = SEVERAL.row_statistics(row(1, "b", "c"), found)
    assert statistics.tolist() == [1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1]
    counts = SEVERAL.label_counts(2 * statistics)
    assert {n: (c.right, c.predicted, c.true) for n, c in counts.items()} == {
        "a": (0, 2, 0),
        "b": (2, 2, 2),
        "c": (0, 0, 2),
    }
    metrics = SEVERAL.metrics(statistics)
    assert metrics["accuracy"] == 0
    assert metrics["micro_f1"] == 2 * 1 / 4
    assert metrics["macro_f1"] == pytest.approx((0 + 1 + 0) / 3)


def test_a_label_that_is_neither_true_nor_said_is_no_part_of_the_macro_f1() -> None:
    statistics = np.array([1, 1, 1, 0, 0, 1, 0, 0, 1, 0, 0], dtype=float)
    assert ONE.metrics(statistics)["macro_f1"] == 1.0
    assert ONE.metrics(np.zeros(11))["macro_f1"] == 0.0


def test_rows_without_a_label_are_no_trials_of_the_f1() -> None:
    said = [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]
    rows = np.array([said, said, [1, 1, *[0] * 9]], dtype=float)
    assert SEVERAL.trials(rows) == {"accuracy": 3, "macro_f1": 2.0, "micro_f1": 2.0}
    assert SEVERAL.trials(rows[2:]) == {"accuracy": 1, "macro_f1": 0.0, "micro_f1": 0.0}


def test_a_label_with_few_true_rows_is_scaled_as_all_labels_together() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(0, 3, (400, 3))
    true = rng.random((400, 3)) < 1 / (1 + np.exp(-logits / 3))
    true[10:, 2] = False
    examples = [
        row(n, *[x for x, holds in zip("abc", each, strict=True) if holds])
        for n, each in enumerate(true)
    ]
    windows = [[each] for each in logits]
    fitted = SEVERAL.calibrate(examples, [ENCODING] * 400, windows)
    assert fitted.scalings["a"] == fit_scaling(logits[:, 0], true[:, 0])
    assert fitted.scalings["c"] == fit_scaling(logits.ravel(), true.ravel())
    assert fitted.scalings["a"] != fitted.scalings["c"]
