"""Inputs of `burnish predict`: a text, the rows of a file, or a pipe, one after another.

An input that cannot be read becomes an ``InputError`` at its position, so that answers keep the
order of their inputs.
"""

from __future__ import annotations

import json
import os
import select
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from burnish.data.readers.csv import read_table
from burnish.data.readers.jsonl import is_list
from burnish.data.readers.magic import START_BYTES, refuse_binary
from burnish.data.records import Skip, parse_json
from burnish.data.source import MAX_ROW_BYTES, TOO_LONG, bounded_lines, read_document
from burnish.errors import DataError, InputError, UsageError
from burnish.tasks import Input
from burnish.tasks.inputs import InputForm
from burnish.tasks.table import find_task

__all__ = ["ENDINGS", "FORMATS", "Asked", "Fields", "form_of", "read_file", "read_pipe"]

Format = Literal["txt", "jsonl", "csv", "tsv"]
FORMATS: tuple[Format, ...] = ("txt", "jsonl", "csv", "tsv")
ENDINGS: Mapping[str, Format] = {
    **{f".{name}": name for name in FORMATS},
    ".json": "jsonl",
    ".ndjson": "jsonl",
}

Asked = Input | InputError
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The task, and where a row has its text: how a row becomes an input."""

    task: str
    text: str = "text"
    """The column or field of the text."""

    @property
    def form(self) -> InputForm[Any]:
        """What the task's inputs are made of."""
        return find_task(self.task).inputs

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return tuple(self.text if name == "text" else name for name in self.form.fields)

    @property
    def column_hint(self) -> str:
        """How to fix a table that has other columns."""
        return "rename the column" + (", or use --text NAME" if "text" in self.form.fields else "")

    def input(self, row: object) -> Input:
        """The input of a row of JSON or CSV.

        Raises:
            InputError: the row has not what the task needs.
        """
        given: Input = self.form.of_row(row, self.columns)
        return given


def form_of(path: Path) -> Format:
    """The format that a file's ending names.

    Raises:
        UsageError: it names none.
    """
    form = ENDINGS.get(path.suffix.lower())
    if form is None:
        listed = ",".join(FORMATS)
        raise UsageError(
            f"{path}: the format cannot be told from the file's ending",
            f"use --format {{{listed}}}",
        )
    return form


def read_file(path: Path, form: Format, fields: Fields) -> Iterator[Asked]:
    """The inputs of a file, in its order; ``jsonl`` may be one JSON list as well.

    Raises:
        DataError: a table cannot be read (names file and line), or the file is not text (names
            what it is).
    """
    with path.open("rb") as stream:
        refuse_binary(path, stream.read(START_BYTES))
        if form in ("csv", "tsv"):
            yield from _table(path, fields)
            return
        if form == "jsonl" and is_list(path):
            yield from _listed(path, fields)
            return
        stream.seek(0)
        for line in bounded_lines(stream):
            yield _TOO_LONG if line is None else _asked(line, form, fields)


def read_pipe(descriptor: int, form: Format, fields: Fields) -> Iterator[Asked | None]:
    """The inputs of a pipe, line by line; None where the next line is not there yet."""
    rest, too_long = b"", False
    while True:
        if not select.select([descriptor], [], [], 0)[0]:
            yield None
        chunk = os.read(descriptor, _CHUNK_BYTES)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield _TOO_LONG if too_long else _asked(line, form, fields)
            too_long = False
        if len(rest) > MAX_ROW_BYTES:  # what comes of it yet is dropped
            rest, too_long = b"", True
    if rest or too_long:
        yield _TOO_LONG if too_long else _asked(rest, form, fields)


def _asked(line: bytes, form: Format, fields: Fields) -> Asked:
    parse = _LINES["jsonl" if form == "jsonl" else "txt"]
    try:
        return fields.input(parse(line.decode("utf-8-sig").rstrip("\r\n")))
    except UnicodeDecodeError:
        return InputError("the line is not UTF-8")
    except (ValueError, RecursionError):
        return InputError("the line is not JSON", "write one JSON object per line")
    except InputError as error:
        return error


def _listed(path: Path, fields: Fields) -> Iterator[Asked]:
    hint = "write a list of objects, or one JSON object per line"
    rows = parse_json(read_document(path), path=path, line=None, hint=hint)
    for row in rows if isinstance(rows, list) else [rows]:
        try:
            yield fields.input(row)
        except InputError as error:
            yield error


_TOO_LONG = InputError(*TOO_LONG)
_LINES: Mapping[str, Callable[[str], object]] = {"txt": str, "jsonl": json.loads}


def _table(path: Path, fields: Fields) -> Iterator[Asked]:
    table = read_table(path, wanted=fields.columns)
    for name in fields.columns:
        table.require(name, recipe_key=name, hint=fields.column_hint)
    for row in table.records():
        if isinstance(row, Skip):
            yield InputError(f"{row.id}: {row.reason}", "write a text, or delete the row")
        elif isinstance(row, DataError):
            yield InputError(row.message, row.hint)
        else:
            yield fields.input(row.fields)
