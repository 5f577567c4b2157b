"""JSON Lines in the native form: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, Skip, parse_json
from burnish.data.source import read_lines_and_faults
from burnish.errors import DataError

__all__ = ["read_jsonl"]


def read_jsonl(path: Path, columns: Columns) -> Iterator[Item]:  # noqa: ARG001
    """A file's rows, read line by line; blank lines are skipped with a count.

    A line that is not a JSON object is a DataError in its place.
    """
    for number, line in read_lines_and_faults(path):
        if isinstance(line, DataError):
            yield line
        elif not line.strip():
            yield Skip(id=f"{path.name}:{number}", reason="blank line")
        else:
            yield _item(path, number, line.rstrip("\r\n"))


def _item(path: Path, number: int, line: str) -> Record | DataError:
    try:
        value = parse_json(line, path=path, line=number)
    except DataError as error:
        return error
    if isinstance(value, dict):
        return Record(path=path, line=number, position=str(number), fields=value)
    hint = "write one JSON object a line"
    if number == 1 and isinstance(value, list):
        hint += f"; a JSON list becomes one with: jq -c '.[]' {path.name} > rows.jsonl"
    return DataError("the line is not a JSON object", hint, file=path, line=number)
