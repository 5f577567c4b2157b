"""The public functions from rows to answers, and the room that has the name of one of them."""

from __future__ import annotations

import inspect
import json
from pathlib import Path

import pytest

import burnish
import burnish.api
from burnish.errors import RunError
from burnish.export import export_run
from tests.export.conftest import classification_rows
from tests.tiny import tiny_base

LEARNS_LITTLE = {"learned": {"severity": "record", "reason": "a tiny model learns little"}}


def test_rows_become_answers_by_the_functions_at_the_root(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    tiny_base(tmp_path / "base", "bert", checkpoint="mlm")
    lines = [json.dumps(row) for row in classification_rows()]
    Path("rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    recipe = burnish.Recipe.model_validate(
        {
            "task": "classification",
            "base_model": "base",
            "data": {"train": "rows.jsonl", "validation": 0.25, "test": 0.2},
            "train": {"epochs": 1, "max_length": 64, "stride": 16, "threads": 1, "seeds": 1},
            "gates": LEARNS_LITTLE,
            "output": "run",
        }
    )
    run = burnish.train(recipe, ["train.batch_size=16"], progress=False)
    assert (run.path, run.recipe.train.batch_size) == (tmp_path / "run", 16)
    bundle = burnish.export(run, "bundle", precision="fp32")
    assert burnish.evaluate(run, "rows.jsonl").rows == len(lines)
    scores = burnish.evaluate(bundle, "rows.jsonl").values()
    with burnish.load(bundle) as model:
        answers = model.predict([row["text"] for row in classification_rows()])
    right = sum(
        isinstance(answer, burnish.Classification) and answer.labels == (row["label"],)
        for answer, row in zip(answers, classification_rows(), strict=True)
    )
    assert scores["accuracy"] == right / len(lines)


def test_the_room_is_called_as_the_function_of_its_name(tmp_path: Path) -> None:
    own, public = inspect.signature(export_run), inspect.signature(burnish.api.export)
    assert list(own.parameters) == list(public.parameters)
    with pytest.raises(RunError, match="not a run directory"):
        burnish.export(tmp_path, tmp_path / "bundle")
