"""`burnish check`: which task a file is for, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import sample_path
from burnish.data.readers.head import guess_task


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("tickets", "classification"),
        ("notices", "extraction"),
        ("handbook", "qa"),
        ("decisions", "summary"),
    ],
)
def test_check_knows_what_a_file_is_for(shell, name: str, task: str) -> None:
    done = shell("check", sample_path(name), "--quick", "--json")
    assert (done.code, done.notes) == (0, "")
    assert done.document["task"] == task
    assert done.document["ok"] is True


@pytest.mark.parametrize(
    ("name", "content", "task"),
    [
        ("a.conll", "EU B-ORG\n", "extraction"),
        ("a.jsonl", '{"tokens": ["a"], "ner_tags": ["O"]}\n', "extraction"),
        ("a.json", '{\n "version": "v2.0",\n "data": []}', "qa"),
        ("a.json", '{"version": "v2.0", "data": [', "qa"),
        ("a.csv", "text,label\n", "classification"),
        ("a.jsonl", "", "classification"),
        ("a.jsonl", "[" * 100_000, "classification"),
    ],
)
def test_a_files_task_is_guessed_from_its_first_row(tmp_path, name, content, task: str) -> None:
    file = tmp_path / name
    file.write_text(content)
    assert guess_task(file) == task


def test_check_says_no_to_rows_of_one_label(shell, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("text,label\na b,x\nc d,x\n")
    done = shell("check", file, "--quick")
    assert done.code == 1
    assert "error: nothing-to-learn: all rows have one label [one.csv:2]\n" in done.out


def test_check_names_file_line_and_fix(shell, tmp_path: Path) -> None:
    file = tmp_path / "gap.csv"
    file.write_text("text,label\na b,x\nc d,\n")
    done = shell("check", file, "--quick")
    assert (done.code, done.notes) == (1, "")
    named = "no-label: 1 row has no label [gap.csv:3]\n  label them"
    assert named in done.out


def test_a_finding_in_json_has_its_fix_under_the_name_of_an_older_version_too(
    shell, tmp_path: Path
) -> None:
    file = tmp_path / "gap.csv"
    file.write_text("text,label\na b,x\nc d,\n")
    found = shell("check", file, "--quick", "--json").document["findings"]
    assert found
    assert all(each["fix"] and each["mend"] == each["fix"] for each in found)


def test_check_takes_other_column_names(shell, tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    file.write_text("body;team\na b;x\nc d;y\n")
    done = shell("check", file, "--text", "body", "--label", "team", "--quick", "--json")
    assert done.document["labels"] == {"x": 1, "y": 1}
