"""brat's standoff, in the form of version 1.3 (https://brat.nlplab.org/standoff.html)."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import read_rows
from burnish.data.readers.head import guess_task
from burnish.errors import DataError
from tests.core.data.readers.entities import ASTRAL, found
from tests.core.data.rows_file import write

ANN = (
    "T1\tPER 4 8\tZoe\u0301\n"
    "T2\tORG 13 17;19 23\tŁódź Bank\n"
    "R1\tLives Arg1:T1 Arg2:T2\n"
    "E1\tMeet:T1\n"
    "A1\tSure T1\n"
    "T3\tLOC 27 29\t東京\n"
    "#1\tAnnotatorNotes T1\tcheck\n"
)


def _pair(folder: Path, name: str, ann: str = ANN, text: str = ASTRAL) -> Path:
    write(folder / f"{name}.txt", text)
    return write(folder / f"{name}.ann", ann)


def test_a_pair_is_one_row_and_what_is_not_read_is_said(tmp_path: Path) -> None:
    path = _pair(tmp_path, "doc")
    assert guess_task(path) == "extraction"
    assert found(path) == [
        (ASTRAL, [("Zoe\u0301", "PER"), ("Łódź\r\nBank", "ORG"), ("東京", "LOC")])
    ]
    (note,) = read_rows(path, "extraction").files[0].notes
    assert note == "entities are read; not read: 1 attributes, 1 events, 1 notes, 1 relations"


def test_a_directory_is_a_row_per_pair(tmp_path: Path) -> None:
    _pair(tmp_path, "b")
    _pair(tmp_path, "a", ann="", text="Nobody here.")
    assert guess_task(tmp_path) == "extraction"
    rows = read_rows(tmp_path, "extraction")
    assert [each.id for each in rows.examples] == ["a.ann:a", "b.ann:b"]
    before = rows.files[0].sha256
    _pair(tmp_path, "a", ann="", text="Nobody there.")
    assert read_rows(tmp_path, "extraction").files[0].sha256 != before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("T1\tPER 4 8;13 17\tZoe\u0301 Łódź\n", "doc.ann:1: the entity T1 is in several pieces"),
        ("T1\tPER four 8\tx\n", "doc.ann:1: the entity is not of brat's form"),
        ("T1\tPER 4 8\tZoe\u0301\nwhat\n", "doc.ann:2: the line is not an annotation of brat's"),
        ("T1\tPER 4 999\tZ\n", "an entity from 4 to 999 is outside the text"),
        ("T1\tPER 5 8\tZoe\u0301\n", "is not the text from 5 to 8"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = _pair(tmp_path, "doc", ann=line)
    with pytest.raises(DataError) as caught:
        read_rows(path, "extraction")
    assert message in str(caught.value)
    assert caught.value.hint


def test_annotations_without_their_text_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "doc.ann", ANN)
    with pytest.raises(DataError, match=r"has no text: there is no doc\.txt beside it"):
        read_rows(path, "extraction")
