"""`burnish distill`: what it asks for, and what it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from burnish.run import read_run
from burnish.training import train
from burnish.training.pipeline.distillation import distilling
from burnish.training.pipeline.distillation.student import Asked
from tests.tiny import tiny_base


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from burnish.recipe.recipe import parse_recipe

    place = tmp_path_factory.mktemp("teacher")
    base = tiny_base(place / "base", pooling="mean")
    words = {"billing": "my card", "access": "my login"}
    labels = [("billing", "access")[index % 2] for index in range(60)]
    lines = [f"{words[label]} is late {at},{label}" for at, label in enumerate(labels)]
    (place / "rows.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    recipe = {
        "task": "classification",
        "base_model": str(base),
        "data": {"train": str(place / "rows.csv"), "validation": 0.25, "test": 0.2},
        "train": {"epochs": 2, "max_length": 32, "threads": 1, "seeds": 1},
        "output": str(place / "run"),
    }
    return train(parse_recipe(recipe)).path


QUICK = ("train.epochs=1", "train.seeds=1")


def test_a_student_is_printed_beside_its_teacher(shell, teacher: Path, tmp_path: Path) -> None:
    done = shell("distill", teacher, "-o", tmp_path / "small", *QUICK)
    assert done.code in (0, 1)  # a gate may block what is so small
    assert "test, teacher" in done.out
    assert "of the teacher's" in done.out
    assert "made of layer 1 of the teacher's 2 layers" in done.notes
    run = read_run(tmp_path / "small")
    assert str(run.path) in done.out
    assert f"burnish export {run.path}" in done.notes


def test_the_document_has_both(shell, teacher: Path, tmp_path: Path) -> None:
    done = shell("distill", teacher, "-o", tmp_path / "small", *QUICK, "--json")
    found: dict[str, Any] = done.document
    assert {"validation", "test", "test, teacher"} <= set(found["metrics"])
    assert found["parameters"] < found["teacher_parameters"]
    assert found["teacher"] == str(teacher)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ((), Asked()),
        (("--layers", "1"), Asked(layers=1)),
        (("--cost", "0.5"), Asked(cost=0.5)),
        (("--static",), Asked(static=True)),
    ],
)
def test_how_small_it_is_to_be(shell, teacher, tmp_path, monkeypatch, given, asked) -> None:
    seen: dict[str, Any] = {}

    def distill(run, output, **options):
        seen.update(options)
        return run

    monkeypatch.setattr(distilling, "distill", distill)
    shell("distill", teacher, "-o", tmp_path / "small", *given)
    assert seen["asked"] == asked


@pytest.mark.parametrize("given", ["0", "1", "half", "-0.5", "nan"])
def test_a_cost_is_a_share(shell, teacher: Path, tmp_path: Path, given: str) -> None:
    done = shell("distill", teacher, "-o", tmp_path / "small", f"--cost={given}")
    assert done.code == 2
    assert "a share between 0 and 1" in done.notes


def test_one_size_is_asked_for(shell, teacher: Path, tmp_path: Path) -> None:
    done = shell("distill", teacher, "-o", tmp_path / "small", "--layers", "1", "--static")
    assert done.code == 2
    assert "not allowed with" in done.notes


def test_no_run_is_an_error_of_the_user(shell, tmp_path: Path) -> None:
    done = shell("distill", tmp_path, "-o", tmp_path / "small")
    assert done.code == 1
    assert "is not a run directory" in done.notes
