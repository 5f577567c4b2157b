"""Inputs of `burnish predict` and `suggest`: what is no text is named, an endless line ends."""

from __future__ import annotations

import csv
import os
import threading
from pathlib import Path

import pytest

from burnish.batch.fields import Fields
from burnish.batch.sources import Format, form_of, read_file
from burnish.cli import main, pipe
from burnish.cli.pipe import read_pipe
from burnish.data.formulas import escape_formula
from burnish.errors import DataError, InputError
from tests.tiny_onnx import tiny_bundle

_FIELDS = Fields(task="classification")


@pytest.mark.parametrize("form", ["txt", "jsonl", "csv"])
def test_a_workbook_is_named_and_not_answered(form: Format, tmp_path: Path) -> None:
    path = tmp_path / f"texts.{form}"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"))
    with pytest.raises(DataError, match="old Excel workbook"):
        list(read_file(path, form, _FIELDS))


def test_a_json_list_of_rows_is_read_as_json_lines_are(tmp_path: Path) -> None:
    path = tmp_path / "texts.json"
    path.write_text('[\n  {\n    "text": "One"\n  },\n  {"body": "Two"}\n]')
    first, second = read_file(path, form_of(path), _FIELDS)
    assert first == "One"
    assert isinstance(second, InputError)
    assert form_of(Path("texts.CSV")) == "csv"


def test_a_line_that_is_too_long_fails_alone(tmp_path: Path, monkeypatch) -> None:
    for module in ("data.source", "cli.pipe"):
        monkeypatch.setattr(f"burnish.{module}.MAX_ROW_BYTES", 100)
    monkeypatch.setattr(pipe, "_CHUNK_BYTES", 7)
    content = b"one\n" + b"x" * 950 + b"\ntwo\n" + b"y" * 950
    path = tmp_path / "texts.txt"
    path.write_bytes(content)
    reader, writer = os.pipe()

    def feed() -> None:
        with os.fdopen(writer, "wb") as stream:
            stream.write(content)

    threading.Thread(target=feed).start()
    with os.fdopen(reader, "rb") as stream:
        piped = [each for each in read_pipe(stream.fileno(), "txt", _FIELDS) if each is not None]
    for found in (list(read_file(path, "txt", _FIELDS)), piped):
        assert [each for each in found if isinstance(each, str)] == ["one", "two"]
        assert [isinstance(each, InputError) for each in found] == [False, True, False, True]


def test_suggested_rows_hold_no_formulas(tmp_path: Path) -> None:
    texts = ["=HYPERLINK(1)", "+1 for this", "-cmd", "@SUM(1)", "a refund", "\uff1d1+1"]
    path, out = tmp_path / "texts.txt", tmp_path / "next.csv"
    path.write_text("\n".join(texts), encoding="utf-8")
    bundle = tiny_bundle(tmp_path / "tiny")
    assert main(["suggest", str(path), "--bundle", str(bundle), "-n", "9", "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as stream:
        rows = {row["text"] for row in csv.DictReader(stream)}
    assert rows == {"a refund", *(f"'{text}" for text in texts if text != "a refund")}
    assert [escape_formula(cell) for cell in (-1, 0.5, "\t=1", "a=1")] == [-1, 0.5, "'\t=1", "a=1"]
