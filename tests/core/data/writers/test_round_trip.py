"""Rows, written in a tool's form and read by that tool's reader, are the same rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from burnish.data.writers import NotedRow
from burnish.tasks.marks import Marks
from burnish.tasks.shapes import Shape
from tests.core.data.writers.noted import (
    label_rows,
    plain,
    read_back,
    span_rows,
    spans_of,
    texts,
    write_rows,
)

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)."""


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


@settings(max_examples=50, deadline=None)
@given(
    given_texts=st.lists(texts.filter(plain), min_size=1, max_size=4),
    score=st.floats(-1e6, 1e6),
    gold=st.booleans(),
)
def test_label_studio_keeps_scores(
    folder: Path, given_texts: list[str], score: float, gold: bool
) -> None:
    rows = [
        NotedRow(id=f"r.csv:{number}", text=text, marks=Marks(number=score + number))
        for number, text in enumerate(given_texts)
    ]
    path = write_rows("label-studio", rows, folder, Shape.SCORES, gold=gold)
    path = path if gold else _accepted(path)
    assert read_back(path, "regression") == [(row.text, (row.marks.number,)) for row in rows]


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


def _without_lead(rows: list[NotedRow]) -> list[tuple[str, tuple[Any, ...]]]:
    """What a form holds whose sentences begin with a token."""
    leads = [len(row.text) - len(row.text.lstrip()) for row in rows]
    return [
        (text[lead:], tuple((start - lead, end - lead, label) for start, end, label in spans))
        for lead, (text, spans) in zip(leads, spans_of(rows), strict=True)
    ]


@settings(max_examples=300, deadline=None)
@given(rows=span_rows(whole=True))
def test_webanno_keeps_entities(folder: Path, rows: list[NotedRow]) -> None:
    path = write_rows("webanno", rows, folder, Shape.SPANS)
    assert read_back(path, "extraction") == _without_lead(rows)


def _bare(text: str, spans: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """A text without its white space, and its spans there."""
    before = [0, *accumulate(not character.isspace() for character in text)]
    kept = "".join(character for character in text if not character.isspace())
    return kept, tuple((before[start], before[end], label) for start, end, label in spans)


@settings(max_examples=300, deadline=None)
@given(rows=span_rows(whole=True))
def test_conll_keeps_entities_and_all_but_white_space(folder: Path, rows: list[NotedRow]) -> None:
    path = write_rows("conll", rows, folder, Shape.SPANS)
    read = read_back(path, "extraction", word_column="1", tag_column="2")
    assert [_bare(*row) for row in read] == [_bare(*row) for row in spans_of(rows)]


def _fits_xml(rows: list[NotedRow]) -> bool:
    return not any(_NOT_XML.search(row.text) for row in rows)


@settings(max_examples=300, deadline=None)
@given(rows=span_rows().filter(_fits_xml))
def test_tei_keeps_entities(folder: Path, rows: list[NotedRow]) -> None:
    path = write_rows("tei", rows, folder, Shape.SPANS)
    assert read_back(path, "extraction") == spans_of(rows)


@settings(max_examples=200, deadline=None)
@given(rows=span_rows(whole=True))
def test_brat_keeps_entities(folder: Path, rows: list[NotedRow]) -> None:
    with TemporaryDirectory(dir=folder) as name:
        path = write_rows("brat", rows, Path(name), Shape.SPANS)
        assert read_back(path, "extraction") == spans_of(rows)


@settings(max_examples=150, deadline=None)
@given(rows=span_rows(), gold=st.booleans())
def test_prodigy_keeps_entities(folder: Path, rows: list[NotedRow], gold: bool) -> None:
    path = write_rows("prodigy", rows, folder, Shape.SPANS, gold=gold)
    assert read_back(path, "extraction") == spans_of(rows)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), several=st.booleans(), gold=st.booleans())
def test_prodigy_keeps_labels(folder: Path, data: st.DataObject, several: bool, gold: bool) -> None:
    rows = data.draw(label_rows(several=several))
    path = write_rows("prodigy", rows, folder, Shape.LABELS, several=several, gold=gold)
    assert read_back(path, "classification") == _names(rows)
