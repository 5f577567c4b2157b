"""A run directory is read only if it is whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from burnish.data.split_record import PartRecord, SplitRecord
from burnish.errors import RunError
from burnish.recipe.recipe import parse_recipe, write_recipe
from burnish.recipe.renamed import RENAMED_KEYS
from burnish.run import (
    BaseRecord,
    Hardware,
    RunRecord,
    TrainingRecord,
    file_digests,
    read_run,
    write_record,
)
from burnish.tasks import ClassificationTask


@pytest.fixture
def run_path(tmp_path) -> Path:
    path = tmp_path / "run"
    (path / "model").mkdir(parents=True)
    (path / "model" / "model.safetensors").write_bytes(b"weights")
    (path / "metrics.json").write_text('{"validation": {}}')
    recipe = parse_recipe(
        {"task": "classification", "data": {"train": "/x.csv"}, "output": str(path)}
    )
    write_recipe(recipe, path / "recipe.yaml")
    write_record(path, _record(file_digests(path)))
    return path


def _record(files: dict[str, str]) -> RunRecord:
    return RunRecord(
        burnish_version="0",
        created="2026-01-01T00:00:00+00:00",
        task=ClassificationTask(labels=("a", "b")),
        method="full",
        pooling="mean",
        base_model=BaseRecord(name="minilm", revision=None, digest="0" * 64, family="bert"),
        data=SplitRecord(
            seed=13,
            files={},
            parts={"train": PartRecord(cut_from="train", rows=1, digest="d", ids=("x:1",))},
        ),
        training=TrainingRecord(
            seed=13,
            threads=1,
            precision="fp32",
            learning_rate=1e-4,
            head_learning_rate=1e-4,
            batch_size=16,
            gradient_accumulation=1,
            epochs=3,
            epochs_run=2,
            best_epoch=1,
            steps=10,
            parameters=10,
            parameters_trained=10,
            wall_time_s=1.5,
        ),
        packages={"torch": "2"},
        hardware=Hardware(processor="x", cores=1, memory_gib=1, system="Linux", python="3.11"),
        files=files,
    )


def test_a_run_whose_recipe_has_the_keys_of_an_older_version_is_read(run_path, capsys) -> None:
    file = run_path / "recipe.yaml"
    document = yaml.safe_load(file.read_text())
    for old, new in RENAMED_KEYS.items():
        section, _, name = new.key.partition(".")
        value = document[section].pop(name)
        document[section][old.partition(".")[2]] = {
            now: before for before, now in new.values.items()
        }.get(value, value)
    file.write_text(yaml.safe_dump(document))
    write_record(run_path, _record(file_digests(run_path)))
    assert "use_label_names" not in file.read_text()
    recipe = {"task": "classification", "data": {"train": "/x.csv"}, "output": str(run_path)}
    assert read_run(run_path).recipe == parse_recipe(recipe)
    assert capsys.readouterr() == ("", "")


def test_a_whole_run_is_read(run_path) -> None:
    run = read_run(run_path)
    assert run.record == _record(run.record.files)
    assert run.recipe.task == "classification"
    assert run.metrics == {"validation": {}}
    assert len(run.digest) == 64


@pytest.mark.parametrize("name", ["metrics.json", "recipe.yaml", "model/model.safetensors"])
def test_a_changed_file_is_named(run_path, name) -> None:
    (run_path / name).write_bytes((run_path / name).read_bytes() + b" ")
    with pytest.raises(RunError, match=rf"{name} was changed"):
        read_run(run_path)


@pytest.mark.parametrize("name", ["metrics.json", "recipe.yaml", "model/model.safetensors"])
def test_a_missing_file_is_named(run_path, name) -> None:
    (run_path / name).unlink()
    with pytest.raises(RunError, match=rf"{name} is missing"):
        read_run(run_path)


def test_a_file_added_to_the_model_is_named(run_path) -> None:
    (run_path / "model" / "evil.py").write_text("")
    with pytest.raises(RunError, match=r"model/evil\.py does not belong"):
        read_run(run_path)


def test_a_note_beside_the_model_does_no_harm(run_path) -> None:
    (run_path / "notes.txt").write_text("good run")
    read_run(run_path)


def test_a_directory_without_a_record_is_no_run(tmp_path) -> None:
    with pytest.raises(RunError, match="not a run directory"):
        read_run(tmp_path)


def test_a_record_of_another_version_is_refused_by_its_key(run_path) -> None:
    record = json.loads((run_path / "record.json").read_text())
    (run_path / "record.json").write_text(json.dumps({**record, "schema_version": 2}))
    with pytest.raises(RunError, match="schema_version"):
        read_run(run_path)
