"""Texts that have one of several labels at least: the best is given where none is sure enough."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from burnish.errors import ConfigError
from burnish.recipe.recipe import parse_recipe
from burnish.recipe.validation import validate_keys
from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.labelled.thresholds import tune_thresholds
from burnish.tasks.labelled.ties import undecided
from burnish.tasks.labelled.words import labels_given
from burnish.tasks.scaling import Scaling
from burnish.tasks.scores import logit
from burnish.tasks.table import find_task

CELLS = find_task("classification").cells
ENCODING: Any = SimpleNamespace(tokens=1, windows=(None,))
TASK = ClassificationTask(
    labels=("a", "b", "c"), multi_label=True, at_least_one=True, abstain_below=0.45
)
WITHOUT = TASK.model_copy(update={"at_least_one": False})


def logits_of(*scores: float) -> list[np.ndarray]:
    return [logit(np.array(scores)).astype(np.float32)]


def row(*labels: str) -> ClassificationExample:
    return ClassificationExample(id="rows:1", text="the card", labels=labels)


def test_the_best_label_is_given_where_none_reaches_its_threshold() -> None:
    found = TASK.decode("x", ENCODING, logits_of(0.2, 0.4, 0.3))
    assert found.labels == ("b",)
    assert [(each.label, each.abstained) for each in found.scores] == [
        ("b", True),
        ("c", False),
        ("a", False),
    ]
    assert TASK.said_score(logits_of(0.2, 0.4, 0.3)) == pytest.approx(0.4)
    assert TASK.decode("x", ENCODING, logits_of(0.6, 0.4, 0.5)).labels == ("a", "c")
    assert WITHOUT.decode("x", ENCODING, logits_of(0.2, 0.4, 0.3)).labels == ()
    assert TASK.correct(row("b"), found)


def test_calibration_changes_the_order_of_scores_but_not_the_label_that_is_given() -> None:
    scalings = {"a": Scaling(shift=-1.0), "b": Scaling(temperature=3.0, shift=0.4)}
    thresholds = {label: scalings.get(label, Scaling()).score(0.5) for label in "abc"}
    task = TASK.model_copy(update={"scalings": scalings, "thresholds": thresholds})
    logits = logits_of(0.4, 0.3, 0.2)
    found = task.decode("x", ENCODING, logits)
    assert found.labels == task.uncalibrated().decode("x", ENCODING, logits).labels == ("a",)
    assert [each.label for each in found.scores] == ["a", "b", "c"]
    assert found.scores[0].score < found.scores[1].score
    assert task.said_score(logits) == found.scores[0].score
    assert CELLS.answer(task, found, top_k=1)["score"] == round(found.scores[0].score, 4)


@pytest.mark.parametrize(
    ("rows", "settings", "rule"),
    [
        ([row("a"), row("a", "b")], {"multi_label": True}, True),
        ([row("a"), row()], {"multi_label": True}, False),
        ([row("a"), row()], {"multi_label": True, "at_least_one": True}, True),
        ([row("a"), row("b")], {"multi_label": True, "at_least_one": False}, False),
        ([row("a"), row("b")], {"multi_label": True, "aim": "precision>=0.9"}, False),
        ([row("a"), row("b")], {}, False),
    ],
)
def test_the_rule_is_found_from_the_rows(
    rows: list[ClassificationExample], settings: dict[str, Any], rule: bool
) -> None:
    assert ClassificationTask.for_examples(rows, **settings).gives_best is rule


def test_a_task_of_an_older_version_answers_as_it_did() -> None:
    old = json.loads(TASK.model_dump_json(exclude={"at_least_one"}))
    assert ClassificationTask.model_validate(old) == WITHOUT


@pytest.mark.parametrize("task", ["classification", "pairs"])
def test_a_recipe_cannot_ask_for_it_along_with_a_precision(task: str) -> None:
    document = {"task": task, "data": {"train": "a.csv"}, "output": "run"}
    document |= {task: {"at_least_one": True}}
    validate_keys(parse_recipe(document))
    with pytest.raises(ConfigError, match=f"{task} -> at_least_one: true gives labels below"):
        validate_keys(parse_recipe({**document, "thresholds": "precision>=0.9"}))


def test_the_card_says_that_there_is_always_a_label() -> None:
    assert labels_given(TASK) == "one or more of these labels: a, b, c"
    assert labels_given(WITHOUT) == "any of these labels: a, b, c"


def test_a_threshold_that_a_caller_asks_for_is_kept() -> None:
    asked = CELLS.with_threshold(TASK, 0.7)
    assert asked.decode("x", ENCODING, logits_of(0.2, 0.6, 0.3)).labels == ()


@pytest.mark.parametrize("metric", ["micro_f1", "macro_f1", "accuracy"])
def test_thresholds_are_tuned_for_answers_that_have_a_label(metric: str) -> None:
    """``b`` is true at 0.2 and wrong at 0.5: only where it is the best is it given rightly."""
    blocks = [((0.4, 0.1), "a"), ((0.1, 0.2), "b"), ((0.6, 0.5), "a")]
    scores = np.repeat([each for each, _ in blocks], 20, axis=0)
    true = np.repeat([[label == "a", label == "b"] for _, label in blocks], 20, axis=0)
    found = tune_thresholds(scores, true, metric=metric, best=scores.argmax(1))
    assert found.tolist() == [0.51, 0.51]
    assert tune_thresholds(scores, true, metric=metric)[0] <= 0.4


@pytest.mark.parametrize("metric", ["micro_f1", "macro_f1", "accuracy"])
def test_no_single_threshold_that_is_moved_makes_the_answers_better(metric: str) -> None:
    """What the tuning counts is what ``decode`` and the metrics give."""
    rng = np.random.default_rng(4)
    examples = [row(*{"abc"[i] for i in rng.integers(0, 3, 2)}) for _ in range(60)]
    logits = [
        [(rng.normal(-1.5, 1.2, 3) + [1.5 * (x in each.labels) for x in "abc"]).astype(np.float32)]
        for each in examples
    ]

    def reached(task: ClassificationTask) -> float:
        answers = [task.decode("x", ENCODING, each) for each in logits]
        rows = [task.row_statistics(e, a) for e, a in zip(examples, answers, strict=True)]
        return float(task.score_of(np.stack(rows))[metric])

    tuned = TASK.model_copy(update={"metric": metric}).tune(examples, [ENCODING] * 60, logits)
    last = max(tuned.thresholds)  # the one that was moved while all others were final
    others = [
        tuned.model_copy(update={"thresholds": {**tuned.thresholds, last: place / 100}})
        for place in range(5, 96)
    ]
    assert reached(tuned) == max(map(reached, others))
    assert len({reached(each) for each in others}) > 3


@pytest.mark.parametrize(
    ("scores", "labels"),
    [
        ({"a": 0.49, "b": 0.2}, set()),  # the best, whether it reaches its threshold or not
        ({"a": 0.3, "b": 0.29}, {"a", "b"}),
        ({"a": 0.49, "b": 0.46}, {"a", "b"}),
        ({"a": 0.9, "b": 0.3, "c": 0.29}, set()),
        ({"a": 0.9, "b": 0.49}, {"b"}),
    ],
)
def test_a_small_change_gives_another_label_only_where_two_are_close(
    scores: dict[str, float], labels: set[str]
) -> None:
    assert undecided(TASK, scores, tolerance=0.02) == labels


def test_labels_are_close_by_the_scores_that_choose_between_them() -> None:
    task = TASK.model_copy(update={"scalings": {"b": Scaling(shift=-1.0)}})
    scores = {"a": 0.3, "b": Scaling(shift=-1.0).score(0.3)}
    assert undecided(task, scores, tolerance=0.02) == {"a", "b"}
    assert undecided(task, {"a": 0.3, "b": 0.3}, tolerance=0.02) == set()
