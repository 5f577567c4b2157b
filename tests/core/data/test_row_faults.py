"""Row faults: every reader goes on behind a wrong row, so that a check names all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from burnish.data import Columns, ExtractionExample, Span, read_rows
from burnish.data.checking import CheckedFiles, check_files
from burnish.data.fix import fix_file
from burnish.errors import DataError
from tests.core.data.rows_file import write, write_jsonl

Row = dict[str, Any] | str
_TEXT = "Ada lives in Leeds."


def _lines(rows: list[Row]) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)


def _table(rows: list[Row]) -> str:
    return "text,label\n" + "".join(f"{row}\n" for row in rows)


def _squad(rows: list[Row]) -> str:
    return json.dumps({"data": [{"paragraphs": [{"context": _TEXT, "qas": rows}]}]})


def _task(**value: object) -> dict[str, Any]:
    result = [{"from_name": "label", "value": {"start": 0, "end": 3, "labels": ["PER"], **value}}]
    return {"data": {"text": _TEXT}, "annotations": [{"result": result}]}


def _record(value: object) -> dict[str, Any]:
    answers = {"entities": [{"value": value, "status": "submitted"}]}
    return {"fields": {"text": _TEXT}, "responses": answers}


_SPAN = {"start": 0, "end": 3, "label": "PER"}
_FORMATS: dict[str, tuple[str, str, Callable[[list[Row]], str], Row, Row]] = {
    # file, task, writer, a right row, a wrong one
    "JSON Lines": ("a.jsonl", "extraction", _lines, {"text": _TEXT, "entities": []}, '{"text": '),
    "no object": ("a.jsonl", "extraction", _lines, {"text": _TEXT, "entities": []}, "7"),
    "CSV": ("a.csv", "classification", _table, f'"{_TEXT}",a', "one,cell,more"),
    "CSV quotes": ("a.csv", "classification", _table, f'"{_TEXT}",a', '"one" cell,b'),
    "SQuAD": (
        "a.json",
        "qa",
        _squad,
        {"id": "q", "question": "Who?", "answers": [{"text": "Ada", "answer_start": 0}]},
        {"id": "q", "question": "Who?", "answers": "Ada"},
    ),
    "Label Studio": ("a.json", "extraction", json.dumps, _task(), _task(labels=7)),
    "Argilla": ("a.json", "extraction", json.dumps, _record([_SPAN]), _record("PER")),
    "Prodigy": (
        "a.jsonl",
        "extraction",
        _lines,
        {"text": _TEXT, "answer": "accept", "spans": [_SPAN]},
        {"text": _TEXT, "answer": "accept", "spans": "PER"},
    ),
    "doccano": (
        "a.jsonl",
        "extraction",
        _lines,
        {"text": _TEXT, "label": [[0, 3, "PER"]]},
        {"text": _TEXT, "label": [[0, "PER"]]},
    ),
    "tags": (
        "a.jsonl",
        "extraction",
        _lines,
        {"tokens": ["Ada", "lives"], "tags": ["B-PER", "O"]},
        {"tokens": ["Ada", "lives"], "tags": ["B-PER"]},
    ),
    "answer columns": (
        "a.jsonl",
        "qa",
        _lines,
        {"context": _TEXT, "question": "Who?", "answers": {"text": ["Ada"], "answer_start": [0]}},
        {"context": _TEXT, "question": "Who?", "answers": {"text": ["Ada"], "answer_start": []}},
    ),
}


def _checked(path: Path, task: str) -> CheckedFiles:
    return check_files(task, Columns(), files={"train": path})


@pytest.mark.parametrize("name", _FORMATS)
def test_every_wrong_row_is_named_and_the_others_are_read(name: str, tmp_path: Path) -> None:
    file, task, writer, right, wrong = _FORMATS[name]
    path = write(tmp_path / file, writer([right, wrong, right, wrong, wrong, right]))
    checked = _checked(path, task)
    (fault,) = [each for each in checked.report.findings if each.severity == "error"][:1]
    assert (fault.kind, len(fault.rows)) == ("unreadable", 3)
    assert fault.message.startswith("3 rows cannot be read: ")
    assert fault.fix
    assert checked.report.rows == 3
    with pytest.raises(DataError):
        read_rows(path, task)


@pytest.mark.parametrize(
    "content", [b"body,kind\nA b,x\n", b"text,late,wet\nA b,1,0\n", b"text,label\nA \xeb,x\n"]
)
def test_a_fault_of_the_whole_file_is_not_called_a_row(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    (fault,) = _checked(path, "classification").report.findings
    assert fault.kind == "unreadable"
    assert "row cannot be read" not in fault.message


def test_what_is_left_out_is_counted_in_one_or_in_several(tmp_path: Path) -> None:
    for count, words in (
        (1, "1 row with nothing to read is"),
        (2, "2 rows with nothing to read are"),
    ):
        rows = [{"text": "A b", "label": "x"}, *[{"text": "", "label": "x"}] * count]
        path = write_jsonl(tmp_path / "rows.jsonl", rows)
        messages = [each.message for each in _checked(path, "classification").report.findings]
        assert f"{words} left out: empty text" in messages


@pytest.mark.parametrize("name", _FORMATS)
def test_a_file_of_wrong_rows_alone_is_reported_too(name: str, tmp_path: Path) -> None:
    file, task, writer, _, wrong = _FORMATS[name]
    path = write(tmp_path / file, writer([wrong, wrong]))
    report = _checked(path, task).report
    assert (report.ok, report.rows) == (False, 0)
    assert [(each.kind, len(each.rows)) for each in report.findings] == [("unreadable", 2)]
    out = tmp_path / "clean.jsonl"
    with pytest.raises(DataError, match="no row can be copied"):
        fix_file(path, task, columns=Columns(), out=out)
    assert not out.exists()


@pytest.mark.parametrize("name", _FORMATS)
def test_a_copy_has_the_rows_that_are_right_and_says_which_are_not(
    name: str, tmp_path: Path
) -> None:
    file, task, writer, right, wrong = _FORMATS[name]
    path = write(tmp_path / file, writer([right, wrong]))
    done = fix_file(path, task, columns=Columns(), out=tmp_path / "clean.jsonl")
    assert done.rows == 1
    assert [(each.action, each.kind, each.line) for each in done.touches] == [
        ("unread", "unreadable", None)
    ]
    assert "1 unreadable and not copied" in done.describe()
    assert len(read_rows(done.path, task)) == 1


def test_faults_are_grouped_by_what_helps_against_them(tmp_path: Path) -> None:
    rows: list[Row] = [{"text": "a", "label": "x"}, "{", {"text": 7, "label": "x"}, {"text": "b"}]
    report = _checked(write(tmp_path / "a.jsonl", _lines([*rows, {"text": 8}])), "classification")
    found = [each for each in report.report.findings if each.kind == "unreadable"]
    assert [[place.line for place in each.rows] for each in found] == [[2], [3, 5], [4]]
    assert len({each.fix for each in found}) == 3


def test_a_place_is_called_as_the_tool_calls_it(tmp_path: Path) -> None:
    tasks = [{"id": 41, **_task()}, {"id": 52, **_task(labels=7)}]
    report = _checked(write(tmp_path / "a.json", json.dumps(tasks)), "extraction").report
    assert str(report.findings[0].rows[0]) == "a.json:2 (task 52)"


def test_nothing_is_copied_of_a_table_whose_quote_is_never_closed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'text,label\na b,x\n"c d,x\ne f,y\ng h,y\n')
    report = _checked(path, "classification").report
    assert "the rows after it were not read" in report.findings[0].message
    with pytest.raises(DataError, match="the rows after it were not read"):
        fix_file(path, "classification", columns=Columns(), out=tmp_path / "clean.jsonl")


@pytest.mark.parametrize("offsets", [("0", "3"), (0.0, 3.0), (" 0", 3)])
def test_offsets_written_as_text_are_numbers_in_the_copy(
    offsets: tuple[object, object], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.json", json.dumps([_task(start=offsets[0], end=offsets[1])]))
    (fault,) = _checked(path, "extraction").report.findings
    assert (fault.kind, "--fix" in fault.fix) == ("unreadable", True)
    done = fix_file(path, "extraction", columns=Columns(), out=tmp_path / "clean.jsonl")
    (example,) = read_rows(done.path, "extraction").examples
    assert isinstance(example, ExtractionExample)
    assert example.entities == (Span(0, 3, "PER"),)
