"""The gate ``undocumented`` blocks a run whose record a rerun could not rely on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from burnish.training import train
from burnish.training.distributed.determinism import reproducible, unrecorded_settings
from burnish.training.record import documentation
from burnish.training.record.documentation import _open_settings, _unknown_code
from burnish.training.record.provenance import package_versions


@pytest.fixture
def place(make_recipe, files, bert, tmp_path) -> SimpleNamespace:
    """Files of this test alone, and a recipe that names them."""
    lines = files["one"].read_text().splitlines()
    rows, judging, terms = (tmp_path / name for name in ("rows.jsonl", "v.jsonl", "terms.yaml"))
    rows.write_text("\n".join(lines[20:]))
    judging.write_text("\n".join(lines[:20]))
    terms.write_text("terms: {trade: [[parcel, card]]}\n")
    base = shutil.copytree(bert, tmp_path / "base")
    recipe = make_recipe(
        "one",
        method="head",
        base_model=str(base),
        bias={"language": "en", "terms": str(terms)},
        data={"train": str(rows), "validation": str(judging), "test": None},
        train={"epochs": 1},
    )
    return SimpleNamespace(rows=rows, judging=judging, terms=terms, base=base, recipe=recipe)


def _gate(recipe: Any, change: Callable[[], object] | None = None, **options: Any) -> Any:
    """The gate of a training in which something changes once the model is trained."""

    def tell(text: str) -> None:
        if change is not None and text.startswith("scoring cheap methods"):
            change()

    run = train(recipe, notify=tell, **options)
    (gate,) = [each for each in run.metrics["gates"] if each["name"] == "undocumented"]
    return gate


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def _save_again(weights: Path) -> None:
    save_file(load_file(weights), weights, metadata={"format": "pt", "saved": "again"})


def test_a_run_in_which_nothing_changes_is_documented(place) -> None:
    gate = _gate(place.recipe)
    assert (gate["value"], gate["passed"], gate["severity"]) == (0, True, "block")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda place: _append(place.rows), "data.train"),
        (lambda place: place.judging.unlink(), "data.validation"),
        (lambda place: _append(place.terms), "bias.terms"),
        (lambda place: _append(place.base / "config.json"), "base_model"),
        (lambda place: _save_again(place.base / "model.safetensors"), "base_model"),
    ],
)
def test_a_file_that_changes_during_the_training_is_named(place, change, named) -> None:
    gate = _gate(place.recipe, lambda: change(place))
    assert (gate["value"], gate["passed"]) == (1, False)
    assert gate["detail"] == f"{named} changed during the training"


class _DataSet:
    """What is asked of a data set."""

    features = None

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows, self.column_names = rows, list(rows[0])

    def __iter__(self) -> Any:
        return iter(self.rows)


def test_a_data_set_in_the_place_of_a_file_is_no_file_that_changed(place) -> None:
    rows = [json.loads(line) for line in place.rows.read_text().splitlines()]
    gate = _gate(place.recipe, lambda: _append(place.rows), data=_DataSet(rows))
    assert gate["passed"]


def test_a_package_without_a_version_is_named(monkeypatch) -> None:
    known = package_versions()
    del known["torch"]
    monkeypatch.setattr(documentation, "package_versions", lambda: known)
    assert list(_unknown_code()) == ["torch has no version"]


def test_a_package_installed_from_a_directory_that_may_change_is_named(monkeypatch) -> None:
    assert list(_unknown_code()) == []
    about = {"url": "file:///somewhere", "dir_info": {"editable": True}}
    real = metadata.distribution

    def distribution(name: str) -> Any:
        if name != "scikit-learn":
            return real(name)
        return SimpleNamespace(read_text=lambda _: json.dumps(about))

    monkeypatch.setattr(metadata, "distribution", distribution)
    assert list(_unknown_code()) == ["scikit-learn is installed from a directory that may change"]


def test_a_setting_of_the_process_that_changes_the_bits_is_named(place) -> None:
    torch.set_float32_matmul_precision("medium")
    try:
        gate = _gate(place.recipe)
    finally:
        torch.set_float32_matmul_precision("highest")
    assert not gate["passed"]
    assert gate["detail"] == "torch's float32 matmul precision is medium"


def test_what_makes_a_gpu_sum_in_changing_order_is_named(monkeypatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":0:0")
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    with reproducible(seed=1, threads=1):
        assert list(unrecorded_settings()) == []
        named = list(unrecorded_settings(device="cuda"))
    assert [line.split()[0] for line in named] == ["cuDNN", "cuBLAS"]
    assert "deterministic algorithms are off" in next(unrecorded_settings())


def test_a_setting_that_is_still_open_is_named(make_recipe) -> None:
    recipe = make_recipe("one", train={"batch_size": "auto"})
    assert "train.batch_size is open" in _open_settings(recipe)
    assert "train.epochs is open" not in _open_settings(recipe)
