"""Rows, written in a tool's form and read by that tool's reader, are the same rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.data.writers import NotedRow
from burnish.tasks.shapes import Shape
from tests.core.data.writers.noted import label_rows, read_back, span_rows, spans_of, write_rows


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def _names(rows: list[NotedRow]) -> list[tuple[str, tuple[str, ...]]]:
    return [(row.text, tuple(sorted(m.label for m in row.marks.labels))) for row in rows]


def _accepted(path: Path) -> Path:
    """The tasks after a person has submitted each prediction as it is."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for task in tasks:
        (prediction,) = task.pop("predictions")
        task["annotations"] = [{"result": prediction["result"], "was_cancelled": False}]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


@settings(max_examples=150, deadline=None)
@given(rows=span_rows(), gold=st.booleans())
def test_label_studio_keeps_entities(folder: Path, rows: list[NotedRow], gold: bool) -> None:
    path = write_rows("label-studio", rows, folder, Shape.SPANS, gold=gold)
    path = path if gold else _accepted(path)
    assert read_back(path, "extraction") == spans_of(rows)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), several=st.booleans())
def test_label_studio_keeps_labels(folder: Path, data: st.DataObject, several: bool) -> None:
    rows = data.draw(label_rows(several=several))
    path = _accepted(write_rows("label-studio", rows, folder, Shape.LABELS, several=several))
    assert read_back(path, "classification") == _names(rows)


@settings(max_examples=150, deadline=None)
@given(rows=span_rows())
def test_doccano_keeps_entities(folder: Path, rows: list[NotedRow]) -> None:
    path = write_rows("doccano", rows, folder, Shape.SPANS)
    assert read_back(path, "extraction") == spans_of(rows)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), several=st.booleans())
def test_doccano_keeps_labels(folder: Path, data: st.DataObject, several: bool) -> None:
    rows = data.draw(label_rows(several=several))
    path = write_rows("doccano", rows, folder, Shape.LABELS, several=several)
    assert read_back(path, "classification") == _names(rows)
