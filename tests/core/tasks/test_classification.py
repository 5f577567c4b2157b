"""One label or several: decoding, thresholds and scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from burnish.data.examples import ClassificationExample
from burnish.tasks import ClassificationTask
from burnish.tasks.evaluation import Evaluation, evaluate

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
