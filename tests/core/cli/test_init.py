"""`burnish init`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from burnish.tasks.table import TASKS


@pytest.mark.parametrize("task", TASKS)
def test_init_writes_a_recipe_to_standard_output(shell, task: str) -> None:
    done = shell("init", task)
    assert (done.code, done.notes) == (0, "")
    assert yaml.safe_load(done.out)["task"] == task


def test_init_makes_the_directory_of_its_file(shell, tmp_path: Path) -> None:
    file = tmp_path / "recipes" / "new" / "qa.yaml"
    assert shell("init", "qa", "-o", file).notes == f"wrote {file}; next: burnish train {file}\n"
    assert file.read_text().startswith("#")


def test_init_writes_a_file_and_leaves_an_old_one_alone(shell, tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    assert shell("init", "qa", "-o", file).notes == f"wrote {file}; next: burnish train {file}\n"
    again = shell("init", "qa", "-o", file)
    assert (again.code, again.notes) == (
        2,
        f"error: {file} exists already\n  choose another name\n",
    )


def test_init_reads_a_file_of_rows(shell, tmp_path: Path) -> None:
    rows, file = tmp_path / "mails.csv", tmp_path / "mails.yaml"
    lines = [f"the parcel number {i} is late,{('a', 'b')[i % 2]}" for i in range(8)]
    rows.write_text("Body,Team\n" + "\n".join(lines))
    done = shell("init", rows, "-o", file)
    assert done.notes.startswith(f"{rows}: task: classification; text: Body; label: Team\n")
    assert yaml.safe_load(file.read_text())["data"]["train"] == "mails.csv"
