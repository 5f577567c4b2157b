"""Sources: files whose rows are answered, read one row after another, with the rows' own fields.

A new format is a reader and a line in ``READERS`` (and in ``ENDINGS``). A file of text may be
packed (burnish/data/packed.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from burnish.batch.fields import Asked, Fields
from burnish.batch.folder import folder_rows
from burnish.batch.rows import Row
from burnish.data.readers.arrow import parquet_rows
from burnish.data.readers.jsonl import is_list
from burnish.data.readers.magic import START_BYTES, refuse_binary
from burnish.data.readers.table import Table
from burnish.data.readers.tables import open_table
from burnish.data.readers.workbook import is_workbook
from burnish.data.records import Item, Skip, parse_json
from burnish.data.source import TOO_LONG, bounded_lines, inner_name, open_source, read_document
from burnish.errors import DataError, InputError, UsageError

__all__ = [
    "ENDINGS",
    "FORMATS",
    "READERS",
    "Format",
    "form_of",
    "line_row",
    "read_file",
    "read_rows",
    "table_of",
]

Format = Literal["txt", "jsonl", "csv", "tsv", "xlsx", "parquet", "folder"]
FORMATS: tuple[Format, ...] = ("txt", "jsonl", "csv", "tsv", "xlsx", "parquet")
"""What a user may call a file's format."""
ENDINGS: Mapping[str, Format] = {
    **{f".{name}": name for name in FORMATS},
    ".json": "jsonl",
    ".ndjson": "jsonl",
    ".xlsm": "xlsx",
}

Reader = Callable[[Path, Fields], Iterator[Row]]


def form_of(path: Path) -> Format:
    """The format that a file's ending names, or that of the file packed in it; else ``folder``.

    Raises:
        DataError: it is packed, and holds not one file.
        UsageError: the ending names none.
    """
    if path.is_dir():
        return "folder"
    name = inner_name(path) if path.is_file() else path.name
    form = ENDINGS.get(Path(name).suffix.lower())
    if form is None:
        listed = ",".join(FORMATS)
        raise UsageError(
            f"{path}: the format cannot be told from the file's ending",
            f"use --format {{{listed}}}",
        )
    return form


def read_rows(path: Path, form: Format, fields: Fields) -> Iterator[Row]:
    """The rows of a file, in its order; ``jsonl`` may be one JSON list as well.

    Raises:
        DataError: a table cannot be read (names file and line), or the file is not text (names
            what it is).
    """
    return READERS[form](path, fields)


def read_file(path: Path, form: Format, fields: Fields) -> Iterator[Asked]:
    """The inputs of :func:`read_rows`."""
    return (row.asked for row in read_rows(path, form, fields))


def line_row(line: bytes | None, form: Format, fields: Fields) -> Row:
    """The row of a line of a file or a pipe; None for a line that is too long."""
    if line is None:
        return Row({}, InputError(*TOO_LONG))
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
        value = json.loads(text) if form == "jsonl" else text
    except UnicodeDecodeError:
        return Row({}, InputError("the line is not UTF-8"))
    except (ValueError, RecursionError):
        return Row({}, InputError("the line is not JSON", "write one JSON object per line"))
    return _row(value, fields)


def _row(value: object, fields: Fields) -> Row:
    own = {fields.text: value} if isinstance(value, str) else value
    return Row(own if isinstance(own, dict) else {}, fields.asked(value))


def _check_text(path: Path) -> None:
    """Refuse a file that is not text, and name what it is."""
    with open_source(path) as stream:
        refuse_binary(path, stream.read(START_BYTES))


def _lines(path: Path, fields: Fields, *, form: Format) -> Iterator[Row]:
    _check_text(path)
    with open_source(path) as stream:
        for line in bounded_lines(stream):
            yield line_row(line, form, fields)


def _json(path: Path, fields: Fields) -> Iterator[Row]:
    _check_text(path)
    return _listed(path, fields) if is_list(path) else _lines(path, fields, form="jsonl")


def _listed(path: Path, fields: Fields) -> Iterator[Row]:
    hint = "write a list of objects, or one JSON object per line"
    rows = parse_json(read_document(path), path=path, line=None, hint=hint)
    return (_row(row, fields) for row in (rows if isinstance(rows, list) else [rows]))


def table_of(path: Path, fields: Fields) -> Table:
    """The table in a file, with the columns that are needed.

    Raises:
        DataError: the table cannot be read, or a column is missing; names file and line.
    """
    if not is_workbook(path):
        _check_text(path)
    table = open_table(path, wanted=fields.columns, sheet=fields.sheet, keep=fields.keep)
    for name in fields.columns:
        table.require(name, recipe_key=name, hint=fields.column_hint)
    return table


def _table(path: Path, fields: Fields) -> Iterator[Row]:
    """The rows below the header, also empty and broken ones."""
    table = table_of(path, fields)
    names = _told_apart(table.names)
    for cells, item in table.items():
        own = {} if isinstance(cells, DataError) else dict(zip(names, cells, strict=False))
        own.pop("", None)  # a sheet's column without a name
        yield Row(own, _asked(item, fields))


def _asked(item: Item, fields: Fields) -> Asked:
    if isinstance(item, Skip):
        return InputError(f"{item.id}: {item.reason}", "write a text, or delete the row")
    if isinstance(item, DataError):
        return InputError(item.message, item.hint)
    return fields.asked(item.fields)


def _told_apart(names: Sequence[str]) -> list[str]:
    """The columns' names, each once: the second ``note`` is ``note_2``."""
    found: list[str] = []
    for name in names:
        number, new = 1, name
        while new in found:
            number += 1
            new = f"{name}_{number}"
        found.append(new)
    return found


def _parquet(path: Path, fields: Fields) -> Iterator[Row]:
    return (Row(row, fields.asked(row)) for row in parquet_rows(path))


READERS: Mapping[Format, Reader] = {
    "txt": partial(_lines, form="txt"),
    "jsonl": _json,
    "csv": _table,
    "tsv": _table,
    "xlsx": _table,
    "parquet": _parquet,
    "folder": folder_rows,
}
