"""What `burnish predict` is asked: a text, the rows of a file, or a pipe, one input after another.

An input that cannot be read is an ``InputError`` in its place, so that answers stay in line with
their inputs.
"""

from __future__ import annotations

import csv
import io
import json
import os
import select
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from burnish.errors import InputError
from burnish.tasks import Input, Question

__all__ = ["FORMATS", "Asked", "Fields", "read_file", "read_pipe"]

Format = Literal["txt", "jsonl", "csv", "tsv"]
FORMATS: tuple[Format, ...] = ("txt", "jsonl", "csv", "tsv")

Asked = Input | InputError
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """What a row is made an input of."""

    task: str
    text: str = "text"
    """The column or field of the text."""

    def input(self, row: object) -> Input:
        """The input of a row of JSON or CSV.

        Raises:
            InputError: the row has not what the task needs.
        """
        if isinstance(row, str) and self.task != "qa":
            return row
        if not isinstance(row, dict):
            raise InputError("the row is not an object", f"write {self._shape()}")
        if self.task == "qa":
            return Question(self._string(row, "question"), self._string(row, "context"))
        return self._string(row, self.text)

    def _string(self, row: Mapping[str, object], name: str) -> str:
        value = row.get(name)
        if not isinstance(value, str):
            raise InputError(f"the row has no {name!r}", f"write {self._shape()}")
        return value

    def _shape(self) -> str:
        return '{"question": …, "context": …}' if self.task == "qa" else f'{{"{self.text}": …}}'


def read_file(path: Path, form: Format, fields: Fields) -> Iterator[Asked]:
    """The inputs of a file, in its order."""
    if form in ("csv", "tsv"):
        yield from _table(path, "\t" if form == "tsv" else None, fields)
        return
    with path.open("rb") as stream:
        for line in stream:
            yield _asked(line, form, fields)


def read_pipe(descriptor: int, form: Format, fields: Fields) -> Iterator[Asked | None]:
    """The inputs of a pipe, line by line; None where the next line is not there yet."""
    rest = b""
    while True:
        if not select.select([descriptor], [], [], 0)[0]:
            yield None
        chunk = os.read(descriptor, _CHUNK_BYTES)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (_asked(line, form, fields) for line in lines)
    if rest:
        yield _asked(rest, form, fields)


def _asked(line: bytes, form: Format, fields: Fields) -> Asked:
    parse = _LINES["jsonl" if form == "jsonl" else "txt"]
    try:
        return fields.input(parse(line.decode("utf-8-sig").rstrip("\r\n")))
    except UnicodeDecodeError:
        return InputError("the line is not UTF-8")
    except (ValueError, RecursionError):
        return InputError("the line is not JSON", "write one JSON object a line")
    except InputError as error:
        return error


_LINES: Mapping[str, Callable[[str], object]] = {"txt": str, "jsonl": json.loads}


def _table(path: Path, delimiter: str | None, fields: Fields) -> Iterator[Asked]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream, delimiter=delimiter or _delimiter(stream))
        for row in rows:
            try:
                yield fields.input(row)
            except InputError as error:
                yield error


def _delimiter(stream: io.TextIOWrapper) -> str:
    header = stream.readline()
    stream.seek(0)
    return max(",;\t|", key=header.count)
