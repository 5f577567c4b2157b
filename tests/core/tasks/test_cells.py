"""Cells: every answer of a task has the same columns, and scores have four digits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from burnish.errors import InputError
from burnish.tasks import Classification
from burnish.tasks.cells import PLAIN_CELLS, rounded
from burnish.tasks.labelled.prediction import LabelScore
from burnish.tasks.table import TASKS, find_task
from tests.tiny_onnx import LABELS, TaskName, tiny_task


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("top_k", [1, 3])
def test_an_empty_answer_has_the_columns_of_a_full_one(name: TaskName, top_k: int) -> None:
    cells, task = find_task(name).cells, tiny_task(name)
    full = cells.answer(task, cells.sample(task), top_k=top_k)
    assert list(cells.answer(task, task.unanswered, top_k=top_k)) == list(full)
    assert {"abstained"} < full.keys()
    assert PLAIN_CELLS.answer(task, task.unanswered, top_k=1)["abstained"] is False


def test_several_labels_are_a_list_with_the_best_score() -> None:
    task = tiny_task("classification", multi_label=True)
    scores = (LabelScore("other", 0.912345), LabelScore("billing", 0.61239))
    found = Classification(labels=("other", "billing"), scores=scores, tokens=1, windows=1)
    cells = find_task(task.task).cells
    assert cells.answer(task, found, top_k=1) == {
        "labels": ["other", "billing"],
        "score": 0.9123,
        "abstained": False,
    }
    none = cells.answer(task, replace(found, labels=()), top_k=2)
    assert none["labels"] == []
    assert none["scores"] == [
        {"label": "other", "score": 0.9123},
        {"label": "billing", "score": 0.6124},
    ]
    assert cells.with_threshold(task, 0.7).label_thresholds == dict.fromkeys(LABELS, 0.7)


@pytest.mark.parametrize("name", ["qa", "classification"])
def test_a_task_without_thresholds_refuses_one(name: TaskName) -> None:
    with pytest.raises(InputError, match="no threshold decides"):
        find_task(name).cells.with_threshold(tiny_task(name), 0.5)


def test_only_numbers_with_a_point_are_rounded() -> None:
    given = {"a": 0.123456, "b": [{"c": 1.0, "d": 3, "e": True}], "f": "0.123456", "g": None}
    assert rounded(given) == given | {"a": 0.1235}
