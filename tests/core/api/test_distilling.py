"""A student from Python: taught by a run, on rows in files or in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import burnish
from burnish.api.trained import TrainedRun
from burnish.errors import RunError, UsageError
from burnish.export import serving_cost
from tests.tiny import tiny_base

QUICK = ["train.epochs=1", "train.seeds=1"]


def rows() -> list[dict[str, Any]]:
    words = {"billing": "my card", "access": "my login"}
    labels = [("billing", "access")[index % 2] for index in range(60)]
    return [
        {"text": f"{words[label]} is late {at}", "label": label} for at, label in enumerate(labels)
    ]


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> TrainedRun:
    """A run whose rows are in memory alone."""
    place = tmp_path_factory.mktemp("teacher")
    base = tiny_base(place / "base", pooling="mean")
    settings = ["train.epochs=2", "train.max_length=32", "train.threads=1", "train.seeds=1"]
    return burnish.train(rows(), [f"base_model={base}", *settings], output=place / "run")


@pytest.mark.parametrize("size", [{}, {"cost": 0.6}])
def test_a_student_learns_the_teachers_rows_from_memory(
    teacher, tmp_path, monkeypatch, size
) -> None:
    # The time of so small a model is hardly its layers'.
    monkeypatch.setattr(serving_cost, "share_in_turn", lambda *_: 0.6)
    student = burnish.distill(teacher, tmp_path / "small", QUICK, **size)
    assert isinstance(student, TrainedRun)
    assert student.record.training.parameters < teacher.record.training.parameters
    assert student.record.data.parts["test"].digest == teacher.record.data.parts["test"].digest
    assert student.rows is teacher.rows
    found = burnish.compare([teacher, student], rows())
    assert [each.name for each in found.standings] == [str(teacher.path), str(student.path)]
    assert 0 < found.standings[1].size_bytes < found.standings[0].size_bytes


def test_a_teacher_is_named_by_its_directory_too(teacher, tmp_path) -> None:
    student = burnish.distill(
        str(teacher.path), str(tmp_path / "small"), QUICK[0], layers=1, data=rows()
    )
    assert student.recipe.train.epochs == 1
    assert (tmp_path / "small-base" / "student.json").is_file()


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ({"layers": 1, "static": True}, "layers and static: a student has one size"),
        ({"layers": 1, "cost": 0.5}, "layers and cost: a student has one size"),
        ({"layers": 0}, "a student has at least 1"),
        ({"cost": 1.0}, "a share of the teacher's time"),
        ({"cost": 0.0}, "a share of the teacher's time"),
        ({"cost": float("nan")}, "a share of the teacher's time"),
        ({"base": "minilm", "layers": 1}, "to have another size than it"),
    ],
)
def test_a_size_that_no_student_can_have_is_refused(teacher, tmp_path, size, said) -> None:
    with pytest.raises(UsageError, match=said):
        burnish.distill(teacher, tmp_path / "small", **size)
    assert not any(tmp_path.iterdir())


def test_a_directory_that_is_no_run_cannot_teach(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a run directory"):
        burnish.distill(tmp_path, tmp_path / "small")
