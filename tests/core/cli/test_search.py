"""`burnish search`: what it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from burnish.training.pipeline import search as room
from burnish.training.pipeline.search import Found, TrialResult

RECIPE = """\
task: classification
data: {train: rows.csv, validation: 0.2}
search: {ranges: {train.epochs: [2, 3]}}
output: runs/tickets
"""


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the search was asked for; it finds that three epochs are best."""
    asked: dict[str, Any] = {}

    def search(recipe, directory, *, trials, notify, progress):
        asked.update(directory=directory, trials=trials)
        done = TrialResult({"train.epochs": 3}, "done", 0.9, 0.85, 0.95)
        other = TrialResult({"train.epochs": 2}, "stopped early", 0.5, None, None)
        failed = TrialResult({"train.epochs": 2}, "failed", None, None, None, "why")
        return Found("accuracy", done, (done, other, failed), tmp_path / "best.yaml")

    monkeypatch.setattr(room, "search", search)
    return asked


def test_trials_and_the_best_recipe_are_printed(shell, tmp_path, searched) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    done = shell("search", tmp_path / "recipe.yaml", "--trials", "3")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].split() == ["accuracy", "on", "validation", "trial", "train.epochs"]
    assert lines[1].startswith("0.9000 [0.8500, 0.9500]")
    assert "stopped early" in lines[2]
    assert lines[3].startswith("-")
    assert "one of 3 on the same validation rows, and may be too good by 0.030" in done.out
    assert "burnish train" in done.notes
    assert searched == {"directory": tmp_path / "runs/tickets-search", "trials": 3}


def test_the_document_has_every_trial(shell, tmp_path, searched) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    out = tmp_path / "elsewhere"
    found = shell("search", tmp_path / "recipe.yaml", "--trials", "3", "-o", out, "--json").document
    assert [each["outcome"] for each in found["trials"]] == ["done", "stopped early", "failed"]
    assert found["best"]["values"] == {"train.epochs": 3}
    assert searched["directory"] == out


@pytest.mark.parametrize("trials", ["0", "-1", "many"])
def test_a_number_of_trials_that_is_none_is_refused(shell, tmp_path, trials) -> None:
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    done = shell("search", tmp_path / "recipe.yaml", "--trials", trials)
    assert done.code == 2
    assert "--trials" in done.notes
