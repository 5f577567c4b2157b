"""What of runs whose models write cannot be exported, or done otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import burnish
from burnish.errors import RunError, UsageError
from burnish.export import export_run
from tests.export.generation.written_runs import written_run

MakeRun = Callable[..., Path]


def test_a_damaged_run_is_refused_by_its_file(tmp_path: Path) -> None:
    run = written_run(tmp_path / "r")
    weights = run / "model" / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(RunError, match=r"model/model.safetensors was changed after the training"):
        export_run(run, tmp_path / "b")
    weights.unlink()
    with pytest.raises(RunError, match=r"model/model.safetensors is missing"):
        export_run(run, tmp_path / "b")


def test_an_adapter_on_another_base_is_refused(tmp_path: Path) -> None:
    run = written_run(tmp_path / "r", method="lora")
    written_run(tmp_path / "other", method="lora", seed=5)
    (tmp_path / "r" / "base").rename(tmp_path / "away")
    (tmp_path / "other" / "base").rename(tmp_path / "r" / "base")
    with pytest.raises(RunError, match="an adapter to a base model with SHA-256"):
        export_run(run, tmp_path / "b")


def test_no_first_model_can_stand_before_one_that_writes(made: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="only a model that gives one label per text") as caught:
        export_run(made(), tmp_path / "b", first=made())
    assert caught.value.hint == "export it without --first"


def test_a_model_that_writes_has_no_student(made: MakeRun, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a model that writes cannot teach a smaller one"):
        burnish.distill(made(), tmp_path / "student")
    assert list(tmp_path.iterdir()) == []
