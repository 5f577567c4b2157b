"""JSON Lines in the native form: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Record, Skip, parse_json
from burnish.data.source import read_lines
from burnish.errors import DataError

__all__ = ["read_jsonl"]


def read_jsonl(path: Path, columns: Columns) -> Iterator[Record | Skip]:  # noqa: ARG001
    """A file's rows, read line by line; blank lines are skipped with a count.

    Raises:
        DataError: a line is not a JSON object.
    """
    for number, line in read_lines(path):
        if not line.strip():
            yield Skip(id=f"{path.name}:{number}", reason="blank line")
            continue
        value = parse_json(line.rstrip("\r\n"), path=path, line=number)
        if not isinstance(value, dict):
            hint = "write one JSON object a line"
            if number == 1 and isinstance(value, list):
                hint += f"; a JSON list becomes one with: jq -c '.[]' {path.name} > rows.jsonl"
            raise DataError("the line is not a JSON object", hint, file=path, line=number)
        yield Record(path=path, line=number, position=str(number), fields=value)
