"""Rows of a task that none of the readers has heard of: two texts with labels."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from burnish.data import ClassificationExample, Columns, read_rows
from burnish.data.fix import fix_file
from burnish.data.readers.formats import FORMATS
from burnish.data.readers.head import guess_task
from burnish.data.records import Record, Skip
from burnish.data.row_fixes import RowEdit
from burnish.errors import DataError
from burnish.tasks import table
from burnish.tasks.classification.kind import KIND
from burnish.tasks.classification.rows import ClassificationBuilder
from burnish.tasks.rows import Builder, TaskRows
from burnish.tasks.shapes import Shape
from tests.core.data.rows_file import write, write_jsonl

ROW = {"text": "Is it open?", "other": "We are closed.", "label": "no"}


class _Builder(ClassificationBuilder):
    def build(self, record: Record) -> ClassificationExample | Skip:
        built = super().build(record)
        if isinstance(built, Skip):
            return built
        return replace(built, text=f"{built.text} / {record.fields['other']}")


def _builder(columns: Columns) -> Builder:
    return _Builder(columns)


def _texts(columns: Columns) -> tuple[str, ...]:
    return columns.text, "other"


def _fix(row: RowEdit) -> None:
    for column in _texts(row.columns):
        row.fix_text(column)
    row.fix_labels()


@pytest.fixture(autouse=True)
def two_texts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A task ``two_texts``: its kind, and its line of the table."""
    rows = TaskRows(shape=Shape.LABELS, texts=_texts, builder=_builder, fix=_fix)
    module = ModuleType("two_texts_kind")
    vars(module)["KIND"] = replace(KIND, rows=rows)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(cast(dict[str, str], table.TASKS), "two_texts", module.__name__)
    yield
    table.find_task.cache_clear()


_FILES = {
    "CSV": ("a.csv", "text,other,label\nIs it open?,We are closed.,no\n"),
    "a table of tabs": ("a.tsv", "text\tother\tlabel\nIs it open?\tWe are closed.\tno\n"),
    "JSON Lines": ("a.jsonl", json.dumps(ROW)),
    "Prodigy": ("a.jsonl", json.dumps({**ROW, "answer": "accept"})),
    "doccano": ("a.jsonl", json.dumps({**ROW, "label": ["no"]})),
    "Argilla": (
        "a.json",
        json.dumps(
            [
                {
                    "fields": {"text": ROW["text"], "other": ROW["other"]},
                    "responses": {"label": [{"value": "no", "status": "submitted"}]},
                }
            ]
        ),
    ),
    "Label Studio": (
        "a.json",
        json.dumps(
            [
                {
                    "data": {"text": ROW["text"], "other": ROW["other"]},
                    "annotations": [
                        {"result": [{"from_name": "label", "value": {"choices": ["no"]}}]}
                    ],
                }
            ]
        ),
    ),
}


@pytest.mark.parametrize("name", _FILES)
def test_what_holds_labels_is_read_for_every_task_that_has_them(tmp_path: Path, name: str) -> None:
    file, content = _FILES[name]
    (example,) = read_rows(write(tmp_path / file, content), "two_texts").examples
    assert isinstance(example, ClassificationExample)
    assert (example.text, example.labels) == ("Is it open? / We are closed.", ("no",))


@pytest.mark.parametrize("name", ["CSV", "a table of tabs", "JSON Lines", "Prodigy", "doccano"])
def test_a_task_is_guessed_by_the_texts_that_a_file_has(tmp_path: Path, name: str) -> None:
    file, content = _FILES[name]
    assert guess_task(write(tmp_path / file, content)) == "two_texts"


@pytest.mark.parametrize("row", [{"text": "a", "label": "b"}, {"other": "a", "label": "b"}, {}])
def test_a_file_without_all_of_its_texts_is_the_first_tasks(
    tmp_path: Path, row: dict[str, str]
) -> None:
    assert guess_task(write_jsonl(tmp_path / "a.jsonl", [row])) == "classification"
    header = ",".join(row)
    assert guess_task(write(tmp_path / "a.csv", f"{header}\n")) == "classification"


def test_a_format_without_its_shape_names_those_that_hold_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a.conll", "EU B-ORG\n")
    with pytest.raises(DataError, match="is a CoNLL file, which cannot hold two_texts rows") as no:
        read_rows(path, "two_texts")
    able = [each.name for each in FORMATS if Shape.LABELS in each.shapes]
    assert no.value.hint == f"give the rows as {' or '.join(able)}"
    assert "CSV" in able
    assert "SQuAD" not in able


def test_spans_are_for_the_first_task_that_has_spans(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"text": "a b", "other": "c", "entities": []}])
    with pytest.raises(DataError) as caught:
        read_rows(path, "two_texts")
    assert caught.value.hint == (
        "rows with entities are for another task: use --task extraction, in a recipe task: "
        "extraction"
    )


def test_both_texts_and_the_labels_are_fixed(tmp_path: Path) -> None:
    rows = [
        {"text": " One?", "other": "Two. ", "label": "Yes"},
        {"text": "Three?", "other": "Four.", "label": "['Yes']"},
    ]
    out = tmp_path / "fixed.jsonl"
    path = write_jsonl(tmp_path / "a.jsonl", rows)
    done = fix_file(path, "two_texts", columns=Columns(), out=out)
    assert [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] == [
        {"text": "One?", "other": "Two.", "label": "Yes"},
        {"text": "Three?", "other": "Four.", "label": "Yes"},
    ]
    assert [touch.detail for touch in done.touches] == [
        "text, characters 0-1",
        "other, characters 4-5",
        "written out",
    ]


def test_each_shape_is_some_tasks() -> None:
    assert {shape: table.tasks_of(shape) for shape in Shape} == {
        Shape.LABELS: ("classification", "pairs", "taxonomy", "two_texts"),
        Shape.SPANS: ("extraction",),
        Shape.ANSWERS: ("qa",),
        Shape.SCORES: ("regression",),
        Shape.SUMMARIES: ("summary",),
        Shape.WRITTEN: ("translation",),
    }
