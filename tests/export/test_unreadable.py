"""Rows whose question leaves the context less than half a window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from burnish.data import ClassificationExample
from burnish.errors import DataError
from burnish.export import Budgets, export_run, pipeline
from burnish.export.rows import restore_rows
from burnish.recipe.recipe import parse_recipe
from burnish.run import read_run
from burnish.tasks import ClassificationTask
from burnish.tasks.encoded import encode_rows
from burnish.training import train
from tests.export.conftest import qa_rows
from tests.tiny import tiny_base

LONG = "where is anna " * 14


def long(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "question": LONG + row["question"]}


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """3 of 12 validation rows, and every test row, cannot be read."""
    place = tmp_path_factory.mktemp("long")
    rows = qa_rows()
    parts = {
        "train": rows[:30],
        "validation": [long(row) if i < 3 else row for i, row in enumerate(rows[30:42])],
        "test": [long(row) for row in rows[42:48]],
    }
    for name, some in parts.items():
        (place / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in some))
    recipe = parse_recipe(
        {
            "task": "qa",
            "base_model": str(tiny_base(place / "base", "bert", checkpoint="mlm")),
            "method": "full",
            "data": {name: str(place / f"{name}.jsonl") for name in parts},
            "train": {"epochs": 1, "max_length": 64, "stride": 16, "threads": 1, "seeds": 1},
            # An epoch teaches a tiny model little, and its few sentences recur.
            "gates": {
                name: {"severity": "record", "reason": "a tiny model, few rows"}
                for name in ("learned", "leaked_rows")
            },
            "output": str(place / "run"),
        }
    )
    return train(recipe, progress=False).path


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_they_count_as_not_answered_as_in_the_run(run, tmp_path, precision):
    lines: list[str] = []
    loose = Budgets(metric_loss=100, agreement=0, speedup=0)
    bundle = export_run(
        run, tmp_path / "b", precision=precision, budgets=loose, notify=lines.append
    )
    metrics = bundle.manifest.metrics
    assert metrics["unanswered"] == {"validation": 3, "test": 6}
    assert metrics["test"] == pytest.approx(metrics["run"]["test"])
    if precision == "fp32":
        assert metrics["validation"] == pytest.approx(metrics["run"]["validation"])
    assert any(line.startswith("validation: 3 rows have a question longer") for line in lines)
    assert any(line.startswith("test: 6 rows have a question longer") for line in lines)
    assert "too long: validation 3, test 6." in bundle.card


def test_validation_rows_of_which_none_can_be_read_verify_nothing(run, tmp_path, monkeypatch):
    def only_long(run, *, data):
        split = real(run, data=data)
        assert split.test
        return replace(split, validation=split.test)

    real = restore_rows
    monkeypatch.setattr(pipeline, "restore_rows", only_long)
    with pytest.raises(DataError, match="can read none of the validation rows") as caught:
        export_run(run, tmp_path / "b", precision="fp32")
    assert "max_length" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_text_of_another_task_that_cannot_be_read_is_named(run):
    task = ClassificationTask(labels=("a", "b"))
    encoder = task.text_encoder(read_run(run).path / "model" / "tokenizer.json")
    empty = ClassificationExample(id="rows:7", text="", labels=("a",))
    with pytest.raises(DataError, match="rows:7: "):
        encode_rows(task, [empty], encoder)
