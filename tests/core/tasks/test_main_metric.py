"""The main metric: the task's own, or what the recipe chooses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import ValidationError

from burnish.errors import ConfigError
from burnish.recipe.recipe import parse_recipe
from burnish.recipe.validation import validate_keys
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.labelled.thresholds import tune_thresholds
from burnish.tasks.qa.example import GoldAnswer, QAExample
from burnish.tasks.qa.settings import QATask
from burnish.tasks.regression.settings import RegressionTask
from burnish.tasks.table import TASKS, find_task
from burnish.tasks.windows import Encoding, Window

_FIVE = np.zeros(5, dtype=np.int64)
_WHOLE = (Window(input_ids=_FIVE, token_type_ids=_FIVE, start=0, stop=2, prefix=2),)


def test_each_task_may_choose_what_it_measures_and_its_own_metric_is_among_it() -> None:
    for name in TASKS:
        settings = find_task(name).settings
        names = {"labels": ("a", "b")} if "labels" in settings.model_fields else {}
        task = settings(**names)
        assert task.main_metric == task.usual_metric
        assert task.main_metric in task.metric_choices
        for metric in task.metric_choices:
            levels = {"levels": (1.0, 2.0, 3.0)} if name == "regression" else {}
            chosen = settings(**names, **levels, metric=metric)
            assert chosen.summary_metrics[0] == chosen.main_metric == metric
            assert len(set(chosen.summary_metrics)) == len(chosen.summary_metrics)
            assert chosen.naming_metric() == chosen


def test_a_task_of_an_older_version_has_its_own_metric() -> None:
    old = json.loads(ClassificationTask(labels=("a", "b")).model_dump_json(exclude={"metric"}))
    assert ClassificationTask.model_validate(old).main_metric == "accuracy"
    assert ClassificationTask(labels=("a", "b"), multi_label=True).main_metric == "micro_f1"


@pytest.mark.parametrize(
    ("task", "metric", "near"),
    [
        ("classification", "macro-f1", "did you mean macro_f1?"),
        ("classification", "f1", "accuracy, macro_f1 or micro_f1"),
        ("extraction", "accuracy", "f1, precision or recall"),
        ("qa", "exact", "f1 or exact_match"),
        ("taxonomy", "hierarchical-f1", "did you mean hierarchical_f1?"),
        ("regression", "mae", "skill, spearman, pearson, kappa"),
    ],
)
def test_what_a_task_cannot_choose_by_is_refused_with_what_it_can(
    task: str, metric: str, near: str
) -> None:
    recipe = parse_recipe(
        {"task": task, "data": {"train": "a.csv"}, "train": {"metric": metric}, "output": "run"}
    )
    with pytest.raises(ConfigError, match="train -> metric") as caught:
        validate_keys(recipe)
    assert near in (caught.value.hint or "")
    with pytest.raises(ValidationError):
        find_task(task).settings.model_validate({"labels": ("a", "b"), "metric": metric})


def test_a_metric_of_levels_needs_levels() -> None:
    with pytest.raises(ConfigError, match="kappa is for levels"):
        RegressionTask(metric="kappa")
    assert RegressionTask(metric="kappa", levels=(1.0, 2.0, 3.0)).main_metric == "kappa"


def test_thresholds_are_those_of_the_metric() -> None:
    """A frequent label over which all labels agree, and a rare one that only its own F1 counts."""
    rng = np.random.default_rng(5)
    true = np.stack([rng.random(400) < share for share in (0.7, 0.1, 0.08)], axis=1)
    noise = rng.normal(0, (0.2, 0.35, 0.3), size=true.shape)
    scores = np.clip(np.where(true, (0.7, 0.5, 0.45), (0.3, 0.3, 0.2)) + noise, 0.0, 1.0)
    reached = {}
    for tuned in ("accuracy", "macro_f1", "micro_f1"):
        given = scores >= tune_thresholds(scores, true, metric=tuned)
        right, said, total = (given & true).sum(0), given.sum(0), true.sum(0)
        reached[tuned] = {
            "accuracy": (given == true).all(1).mean(),
            "macro_f1": (2 * right / (said + total)).mean(),
            "micro_f1": 2 * right.sum() / (said.sum() + total.sum()),
        }
    for metric, own in reached.items():
        assert all(own[metric] >= other[metric] for other in reached.values())
    assert reached["macro_f1"]["macro_f1"] > reached["accuracy"]["macro_f1"]
    assert reached["accuracy"]["accuracy"] > reached["macro_f1"]["accuracy"]


def test_a_question_is_left_unanswered_where_the_metric_would_lose_by_it() -> None:
    """Five answers overlap without matching: they pay in F1, and not in exact matches."""
    rows = [
        QAExample(
            id=str(index),
            question="q",
            context="red house",
            answers=(GoldAnswer("red big house", 0),) if index < 5 else (),
        )
        for index in range(8)
    ]
    encoding = Encoding(
        tokens=2, unknown=0, offsets=np.array([(0, 3), (4, 9)]), words=np.arange(2), windows=_WHOLE
    )
    sure = np.array([[0, 0], [0, 0], [9, 0], [0, 9], [0, 0]], dtype=np.float32)
    unsure = (sure / 3).astype(np.float32)
    logits = [[unsure if index < 5 else sure] for index in range(8)]
    thresholds = {
        metric: QATask(metric=metric).tune(rows, [encoding] * 8, logits).no_answer_threshold
        for metric in QATask.metric_choices
    }
    assert thresholds["f1"] < 6 < 18 < thresholds["exact_match"]
