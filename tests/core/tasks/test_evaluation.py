"""Rows that a model cannot be scored on are refused: they would count as nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import Rows, read_rows
from burnish.errors import DataError
from burnish.tasks import ClassificationTask, ExtractionTask, QATask, Task
from burnish.tasks.base import LabelCounts
from burnish.tasks.evaluation import (
    Evaluation,
    Interval,
    _label_scores,
    check_labels,
    distinct,
    label_hint,
)
from tests.core.data.rows_file import write, write_jsonl

ONE = ClassificationTask(labels=("Billing", "delivery"))
SEVERAL = ClassificationTask(labels=("billing", "delivery"), multi_label=True)
ENTITIES = ExtractionTask(labels=("person", "place"))
QUESTION = {"context": "a b", "question": "c", "answers": [{"text": "b", "start": 2}]}


def _one(tmp_path: Path, *labels: str) -> Rows:
    lines = "".join(f"text {label},{label}\n" for label in labels)
    return read_rows(write(tmp_path / "one.csv", "text,label\n" + lines), "classification")


def _several(tmp_path: Path, *labels: list[str]) -> Rows:
    rows = [{"text": f"text {each}", "labels": each} for each in labels]
    return read_rows(write_jsonl(tmp_path / "several.jsonl", rows), "classification")


def _entities(tmp_path: Path, *labels: str) -> Rows:
    rows = [
        {"text": f"anna {label}", "entities": [{"start": 0, "end": 4, "label": label}]}
        for label in labels
    ]
    return read_rows(write_jsonl(tmp_path / "entities.jsonl", rows), "extraction")


def _refusal(task: Task, rows: Rows) -> DataError:
    with pytest.raises(DataError) as caught:
        check_labels(task, rows)
    return caught.value


def test_rows_of_known_labels_pass(tmp_path: Path) -> None:
    check_labels(ONE, _one(tmp_path, "Billing", "delivery"))
    check_labels(SEVERAL, _several(tmp_path, ["billing", "delivery"], []))
    check_labels(ENTITIES, _entities(tmp_path, "place"))
    check_labels(QATask(), read_rows(write_jsonl(tmp_path / "qa.jsonl", [QUESTION]), "qa"))


def test_an_unknown_label_is_named_with_its_row_and_the_nearest(tmp_path: Path) -> None:
    error = _refusal(ONE, _one(tmp_path, "delivery", "billing", "other"))
    assert "one.csv:3: the model does not know the label 'billing'; 2 rows hold" in error.message
    assert "did you mean 'Billing'?" in error.hint


def test_an_unknown_label_without_a_near_one_lists_the_known(tmp_path: Path) -> None:
    error = _refusal(SEVERAL, _several(tmp_path, ["billing"], ["billing", "xyzzy"]))
    assert "several.jsonl:2: the model does not know the label 'xyzzy'; 1 row" in error.message
    assert "the model knows billing, delivery" in error.hint


def test_an_unknown_entity_type_is_refused(tmp_path: Path) -> None:
    error = _refusal(ENTITIES, _entities(tmp_path, "place", "persona"))
    assert "entities.jsonl:2: the model does not know the label 'persona'" in error.message
    assert "did you mean 'person'?" in error.hint


def test_one_label_and_several_are_told_apart(tmp_path: Path) -> None:
    several = _refusal(ONE, _several(tmp_path, ["Billing", "delivery"], []))
    assert "the rows have several labels each, and the model gives one label" in several.message
    one = _refusal(SEVERAL, _one(tmp_path, "billing"))
    assert "the rows have one label each, and the model gives several labels" in one.message
    assert one.hint


def test_rows_of_another_task_are_refused(tmp_path: Path) -> None:
    error = _refusal(QATask(), _one(tmp_path, "billing"))
    assert "holds classification rows, and the model is for qa" in error.message


def test_a_label_without_a_near_one_lists_ten_of_those_that_are_known() -> None:
    ten, eleven = ([f"label{n}" for n in range(count)] for count in (10, 11))
    listed = f"the model knows {', '.join(ten)}"
    assert label_hint("xyzzy", ten).startswith(f"{listed}; rename")
    assert label_hint("xyzzy", eleven).startswith(f"{listed}, …; rename")


def test_a_labels_scores_are_those_of_its_counts() -> None:
    found = _label_scores(LabelCounts(right=3, predicted=4, true=6))
    assert (found.precision, found.recall, found.f1, found.support) == (0.75, 0.5, 0.6, 6)
    none = _label_scores(LabelCounts(right=0, predicted=0, true=0))
    assert (none.precision, none.recall, none.f1, none.support) == (0.0, 0.0, 0.0, 0)


def scored(value: float) -> Evaluation:
    return Evaluation(rows=1, metrics={"f1": Interval(value, 0.0, 1.0)}, labels={}, confusion=())


def test_rivals_that_answer_as_the_model_does_are_left_out() -> None:
    own = {"validation": scored(0.5), "test": scored(0.6)}
    rivals = {
        "same": {"validation": scored(0.5), "test": scored(0.6)},
        "worse on the test": {"validation": scored(0.5), "test": scored(0.5)},
        "other everywhere": {"validation": scored(0.1), "test": scored(0.1)},
        "of another part": {"train": scored(0.5)},
    }
    assert set(distinct(rivals, own)) == set(rivals) - {"same"}
    assert distinct(rivals, own)["worse on the test"]["test"].values() == {"f1": 0.5}


def test_questions_have_no_labels_to_be_unknown(tmp_path: Path) -> None:
    rows = read_rows(write_jsonl(tmp_path / "qa.jsonl", [QUESTION]), "qa")
    with pytest.raises(DataError, match="holds qa rows, and the model is for classification"):
        check_labels(ONE, rows)
