"""Rows without a label: an error, or left out where that is meant; a copy puts them aside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from burnish.batch.fields import Fields
from burnish.batch.sources import read_file
from burnish.cli import main
from burnish.data import ClassificationExample, Columns, read_rows
from burnish.data.checking import check_files
from burnish.data.fix import fix_file
from burnish.errors import DataError
from burnish.recipe.recipe import parse_recipe
from tests.core.data.rows_file import write, write_jsonl

_LEAVE = Columns(unlabelled="leave_out")
_JSON: list[dict[str, Any]] = [
    {"text": "one", "label": "a"},
    {"text": "two", "label": None},
    {"text": "three", "label": " "},
    {"text": "four"},
    {"text": "five", "label": "b"},
]
_TASKS = [
    {"data": {"text": row["text"]}, "annotations": [] if not row.get("label") else [
        {"result": [{"from_name": "c", "value": {"choices": [row["label"]]}}]}
    ]}
    for row in _JSON if row.get("label") != " "
]  # fmt: skip


def _files(folder: Path) -> dict[str, Path]:
    table = "text,label\none,a\ntwo,\nthree, \nfive,b\n"
    several = [
        {"text": "one", "labels": ["a"]},
        {"text": "two", "labels": None},
        {"text": "three", "labels": []},
        {"text": "four", "labels": [""]},
    ]
    return {
        "jsonl": write_jsonl(folder / "a.jsonl", _JSON),
        "csv": write(folder / "a.csv", table),
        "labels": write_jsonl(folder / "b.jsonl", several),
    }


_LEFT_OUT = {"jsonl": 3, "csv": 2, "labels": 2}


@pytest.mark.parametrize("name", _LEFT_OUT)
def test_rows_without_a_label_are_an_error_or_left_out(name: str, tmp_path: Path) -> None:
    path = _files(tmp_path)[name]
    with pytest.raises(DataError) as caught:
        read_rows(path, "classification")
    assert "data.unlabelled: leave_out" in caught.value.hint
    rows = read_rows(path, "classification", columns=_LEAVE)
    assert (len(rows), rows.files[0].skipped) == (2, {"no label": _LEFT_OUT[name]})
    report = check_files("classification", _LEAVE, files={"train": path}).report
    assert "no-label" in {each.kind for each in report.findings if each.severity == "note"}


def test_an_empty_list_of_labels_says_that_none_applies(tmp_path: Path) -> None:
    rows = read_rows(_files(tmp_path)["labels"], "classification", columns=_LEAVE).examples
    assert [row.labels for row in rows if isinstance(row, ClassificationExample)] == [("a",), ()]


def test_an_entity_without_a_label_is_no_unlabelled_row(tmp_path: Path) -> None:
    rows = [{"text": "Ada", "entities": [{"start": 0, "end": 3, "label": label}]} for label in "A "]
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    with pytest.raises(DataError, match="a label is empty"):
        read_rows(path, "extraction", columns=_LEAVE)
    mixed = [{"text": "Ada", "labels": ["a", " "]}]
    with pytest.raises(DataError, match="a label is empty"):
        read_rows(write_jsonl(path, mixed), "classification", columns=_LEAVE)


@pytest.mark.parametrize("columns", [Columns(), _LEAVE])
def test_a_copy_puts_them_aside_for_suggest(columns: Columns, tmp_path: Path) -> None:
    for number, path in enumerate(_files(tmp_path).values()):
        out = tmp_path / f"{number}.jsonl"
        done = fix_file(path, "classification", columns=columns, out=out)
        assert done.rows == len(read_rows(out, "classification"))
        assert done.unlabelled is not None
        asked = list(read_file(done.unlabelled, "jsonl", Fields(task="classification")))
        assert asked == (["two", "three", "four"], ["two", "three"], ["two", "four"])[number]
        assert f"{len(asked)} without a label: {done.unlabelled}" in done.describe()


def test_tasks_that_nobody_annotated_are_put_aside_too(tmp_path: Path) -> None:
    path = write(tmp_path / "ls.json", json.dumps(_TASKS))
    done = fix_file(path, "classification", columns=Columns(), out=tmp_path / "clean.jsonl")
    assert done.unlabelled is not None
    asked = read_file(done.unlabelled, "jsonl", Fields(task="classification"))
    assert (done.rows, list(asked)) == (2, ["two", "four"])


def test_a_copy_without_such_rows_has_no_such_file(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [_JSON[0], _JSON[4]])
    done = fix_file(path, "classification", columns=Columns(), out=tmp_path / "clean.jsonl")
    assert done.unlabelled is None
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "a.jsonl",
        "clean.jsonl",
        "clean.log.jsonl",
    ]


def test_a_recipe_says_so(tmp_path: Path, capsys) -> None:
    data = {"train": "many.jsonl", "unlabelled": "leave_out", "validation": "many.jsonl"}
    recipe = parse_recipe({"task": "classification", "output": "x", "data": data})
    assert recipe.data.columns().unlabelled == "leave_out"
    write_jsonl(tmp_path / "many.jsonl", _JSON)
    document = json.dumps({"task": "classification", "output": "x", "data": data})
    path = write(tmp_path / "recipe.yaml", document)
    main(["check", "--recipe", str(path), "--quick", "--json"])
    assert json.loads(capsys.readouterr().out)["rows"] == 2
