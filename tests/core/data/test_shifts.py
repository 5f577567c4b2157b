"""Shifted offsets: what they count is found where every span proves it; else nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from burnish.data import Columns, ExtractionExample, read_rows
from burnish.data.checking import check_files
from burnish.data.fix import fix_file
from burnish.data.offsets import CHARACTERS, COUNTINGS, Counting, parse_counting
from burnish.errors import DataError, UsageError
from tests.core.data.rows_file import write, write_jsonl

NAMES = (("Mia Koch", "Ulm"), ("Ann Lee", "Oslo"), ("Bo Ek", "Åre"), ("Zoë Ray", "Łódź"))


def _counted(text: str, at: int, name: str) -> int:
    """An offset as a tool would count it, by its own encoder and not by ours."""
    before = text[:at]
    counts: dict[str, Callable[[], int]] = {
        "utf16": lambda: len(before.encode("utf-16-le")) // 2,
        "bytes": lambda: len(before.encode()),
        "crlf-as-one": lambda: len(before.replace("\r\n", "\n")),
        "lf-as-two": lambda: len(before.replace("\n", "\r\n")),
        "from-one": lambda: at + 1,
    }
    return counts[name]() if name in counts else at


def _rows(name: str, *, quoted: bool = False) -> list[dict[str, Any]]:
    end_of_line = {"crlf-as-one": "\r\n", "lf-as-two": "\n"}.get(name, " ")
    rows = []
    for number, names in enumerate(NAMES):
        text = f"No {number}{'😀' * number} né.{end_of_line}{names[0]} lives in {names[1]} today"
        spans = [(text.index(each), text.index(each) + len(each)) for each in names]
        entities = [
            {
                "start": _counted(text, start, name),
                "end": _counted(text, end, name) - (name == "inclusive"),
                "label": "X",
                **({"text": text[start:end]} if quoted else {}),
            }
            for start, end in spans
        ]
        rows.append({"text": text, "entities": entities})
    return rows


def _covered(path: Path, columns: Columns) -> list[str]:
    examples = read_rows(path, "extraction", columns=columns).examples
    return [
        example.text[span.start : span.end]
        for example in examples
        if isinstance(example, ExtractionExample)
        for span in example.entities
    ]


WORDS = [name for names in NAMES for name in names]
SHIFTS = ("utf16", "bytes", "crlf-as-one", "lf-as-two", "from-one", "inclusive")


@pytest.mark.parametrize("name", SHIFTS)
def test_a_shift_is_named_and_read_right_when_it_is_said(tmp_path: Path, name: str) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(name))
    with pytest.raises(DataError, match="all offsets count") as caught:
        read_rows(path, "extraction")
    assert f"data.offsets: {name};" in caught.value.hint
    assert _covered(path, Columns(offsets=name)) == WORDS
    report = check_files("extraction", Columns(), files={"train": path}).report
    assert [each.kind for each in report.findings if each.severity == "error"] == [
        "shifted-offsets"
    ]
    assert {"span-whitespace", "cut-word"}.isdisjoint(each.kind for each in report.findings)


@pytest.mark.parametrize("name", SHIFTS)
def test_a_copy_is_converted_when_it_is_said_and_else_left(tmp_path: Path, name: str) -> None:
    rows = _rows(name)
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    done = fix_file(path, "extraction", columns=Columns(), out=tmp_path / "left.jsonl")
    copied = [json.loads(line) for line in done.path.read_text(encoding="utf-8").splitlines()]
    assert copied == rows
    assert {(each.action, each.kind) for each in done.touches} == {("left", "shifted-offsets")}
    columns = Columns(offsets=name)
    done = fix_file(path, "extraction", columns=columns, out=tmp_path / "copy.jsonl")
    assert _covered(done.path, Columns()) == WORDS
    assert {(each.action, each.kind) for each in done.touches} == {("changed", "shifted-offsets")}


@pytest.mark.parametrize("name", ["utf16", "bytes", "crlf-as-one", "from-one"])
def test_a_copy_is_converted_where_the_words_are_quoted(tmp_path: Path, name: str) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows(name, quoted=True))
    done = fix_file(path, "extraction", columns=Columns(), out=tmp_path / "copy.jsonl")
    assert _covered(done.path, Columns()) == WORDS


@pytest.mark.parametrize("name", ["utf16", "bytes", "crlf-as-one", "lf-as-two", "from-one"])
def test_answers_are_counted_too(tmp_path: Path, name: str) -> None:
    end_of_line = {"crlf-as-one": "\r\n", "lf-as-two": "\n"}.get(name, " ")
    paragraphs, starts = [], []
    for number in range(4):
        context = (
            f"No {number}{'😀' * number} né: Ms Silva came.{end_of_line}The house is Ms Silva's."
        )
        starts.append(context.rindex("Ms Silva"))
        answer = {"text": "Ms Silva", "answer_start": _counted(context, starts[-1], name)}
        question = {"id": str(number), "question": "Whose?", "answers": [answer]}
        paragraphs.append({"context": context, "qas": [question]})
    document = {"version": "1", "data": [{"title": "a", "paragraphs": paragraphs}]}
    path = write(tmp_path / "rows.json", json.dumps(document))
    with pytest.raises(DataError, match="all offsets count") as caught:
        read_rows(path, "qa")
    assert f"data.offsets: {name};" in caught.value.hint
    rows = read_rows(path, "qa", columns=Columns(offsets=name))
    assert [each.answers[0].start for each in rows.examples] == starts  # type: ignore[attr-defined]
    done = fix_file(path, "qa", columns=Columns(), out=tmp_path / "copy.jsonl")
    copied = read_rows(done.path, "qa").examples
    assert [each.answers[0].start for each in copied] == starts  # type: ignore[attr-defined]


def test_right_offsets_are_no_shift_however_odd_the_text(tmp_path: Path) -> None:
    for name in ("crlf-as-one", "lf-as-two", "characters"):
        rows = _rows(name)
        for row in rows:
            text = row["text"]
            names = [each for each in WORDS if each in text]
            row["entities"] = [
                {"start": text.index(each), "end": text.index(each) + len(each), "label": "X"}
                for each in names
            ]
        path = write_jsonl(tmp_path / f"{name}.jsonl", rows)
        assert sorted(_covered(path, Columns())) == sorted(WORDS)


def test_a_few_slips_are_no_shift(tmp_path: Path) -> None:
    rows = [row for _ in range(3) for row in _rows("characters")]
    for row in rows[:2]:
        row["entities"][0]["start"] += 1  # "ia Koch": no counting moves only these
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    assert len(_covered(path, Columns())) == 3 * len(WORDS)


def test_a_counting_that_is_said_wrongly_is_refused(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", _rows("characters"))
    with pytest.raises(DataError, match=r"counted as data.offsets: utf16 says, 6 of 8 entities"):
        read_rows(path, "extraction", columns=Columns(offsets="utf16"))
    other = write_jsonl(tmp_path / "other.jsonl", _rows("utf16"))
    with pytest.raises(DataError, match="all offsets count UTF-16 units"):
        read_rows(other, "extraction", columns=Columns(offsets="from-one+inclusive"))
    as_they_are = Columns(offsets="characters")
    assert "nn Lee " in _covered(other, as_they_are)


def test_spans_that_slipped_unevenly_are_reported_and_never_trimmed(tmp_path: Path) -> None:
    rows = _rows("characters")
    for number, row in enumerate(rows):
        for entity in row["entities"]:
            entity["start"] += 1 - 2 * (number % 2)
            entity["end"] += 1 - 2 * (number % 2)
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    report = check_files("extraction", Columns(), files={"train": path}).report
    assert "shifted-offsets" in {each.kind for each in report.findings}
    assert not report.ok
    done = fix_file(path, "extraction", columns=Columns(), out=tmp_path / "copy.jsonl")
    copied = [json.loads(line) for line in done.path.read_text(encoding="utf-8").splitlines()]
    assert copied == rows
    assert {(each.action, each.kind) for each in done.touches} == {("left", "span-whitespace")}


def test_names_of_countings_are_read_in_any_order() -> None:
    for counting in COUNTINGS:
        assert parse_counting(counting.name) == counting
        assert parse_counting("+".join(reversed(counting.name.split("+")))) == counting
    assert parse_counting("characters+inclusive") == Counting(inclusive=True)
    with pytest.raises(UsageError, match="'utf8' is not a way"):
        parse_counting("utf8")


@given(
    text=st.text(st.sampled_from("aé€😀\r\n "), max_size=12),
    at=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    name=st.sampled_from(["characters", "utf16", "bytes", "from-one"]),
)
def test_what_is_counted_is_located_again(text: str, at: tuple[int, int], name: str) -> None:
    start, end = sorted(min(each, len(text)) for each in at)
    counted = [_counted(text, each, name) for each in (start, end)]
    assert parse_counting(name).locate(text, *counted) == (start, end)


def test_an_offset_inside_a_character_is_nowhere() -> None:
    assert Counting("utf16").locate("😀a", 1, 3) is None
    assert Counting("bytes").locate("é", 0, 9) is None
    assert CHARACTERS.locate("a", 0, 9) == (0, 9)
