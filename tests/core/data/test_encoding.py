"""Bytes: UTF-8 with or without a mark is read; anything else is refused by file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.data import read_rows
from burnish.errors import DataError
from tests.core.data.rows_file import write

ROW = '{"text": "café", "label": "x"}\n'


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", b"\xef\xbb\xbf" + ROW.encode())
    assert len(read_rows(path, "classification")) == 1


@pytest.mark.parametrize(
    ("name", "first"), [("rows.jsonl", ROW), ("rows.csv", "text,label\ncafé,x\n")]
)
def test_another_encoding_is_refused_with_its_line(tmp_path: Path, name: str, first: str) -> None:
    path = write(tmp_path / name, first.encode() + first.encode("latin-1"))
    with pytest.raises(DataError, match="0xe9") as caught:
        read_rows(path, "classification")
    assert caught.value.line == first.count("\n") * 2
    assert "iconv -f WINDOWS-1252" in caught.value.hint


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_are_named(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(DataError, match=f"is {encoding.upper()}") as caught:
        read_rows(write(tmp_path / "rows.jsonl", ROW.encode(encoding)), "classification")
    assert "iconv" in caught.value.hint


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError, match="is empty"):
        read_rows(write(tmp_path / "rows.csv", content), "classification")


def test_a_file_whose_rows_are_all_skipped_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.csv", "text,label\n ,x\n ,y\n")
    with pytest.raises(DataError, match="2 were skipped: empty text"):
        read_rows(path, "classification")


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "tickets.csv", "text,label\nA,x\n")
    with pytest.raises(DataError, match="no such file") as caught:
        read_rows(tmp_path / "ticket.csv", "classification")
    assert str(tmp_path / "tickets.csv") in caught.value.hint


def test_a_directory_and_an_unknown_task_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a directory"):
        read_rows(tmp_path, "classification")
    with pytest.raises(DataError, match="no task 'ner'"):
        read_rows(tmp_path, "ner")
