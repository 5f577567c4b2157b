"""CSV and TSV: a header line, then one row of cells a row. Classification only."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.dialect import Dialect, choose_dialect, split_returns, wide_fields
from burnish.data.records import Record, Skip, missing_column
from burnish.data.source import read_lines
from burnish.errors import DataError

__all__ = ["read_csv"]

_SAMPLE_CHARACTERS = 1 << 20


def read_csv(path: Path, columns: Columns) -> Iterator[Record | Skip]:
    """A file's rows; a row's line is the physical line it begins at.

    Raises:
        DataError: a column is missing, or a row is broken.
    """
    wide_fields()
    lines = chain.from_iterable(split_returns(line) for _, line in read_lines(path))
    sample, truncated = _take(lines)
    wanted = (columns.text, columns.label, columns.labels)
    dialect = choose_dialect(sample, wanted=wanted, truncated=truncated)
    rows = _rows(path, chain(sample, lines), dialect)
    header_line, header = next(((line, row) for line, row in rows if any(row)), (1, []))
    names = _names(path, header, line=header_line, columns=columns)
    for line, row in rows:
        yield _record(path, row, line=line, names=names)


def _take(lines: Iterator[str]) -> tuple[list[str], bool]:
    sample, size = [], 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            return sample, True
    return sample, False


def _rows(path: Path, lines: Iterator[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    reader = dialect.reader(lines)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(
                f"the row that begins here cannot be read: {error}",
                'a cell that holds a quote, the delimiter or a line break stands in "quotes", '
                'and a quote inside it is doubled: ""',
                file=path,
                line=line,
            ) from error
        yield line, row


def _names(path: Path, header: Sequence[str], *, line: int, columns: Columns) -> list[str]:
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    wanted = [(columns.text, "text")]
    if columns.labels not in names:
        wanted.append((columns.label, "label"))
    if columns.group is not None:
        wanted.append((columns.group, "group"))
    for name, key in wanted:
        if name not in names:
            message, hint = missing_column(name, names, recipe_key=key)
            hint += "; the first line must name the columns"
            raise DataError(message, hint, file=path, line=line)
        if names.count(name) > 1:
            message = f"there are {names.count(name)} columns named {name!r}"
            raise DataError(message, "rename all but one", file=path, line=line)
    return names


def _record(path: Path, row: list[str], *, line: int, names: Sequence[str]) -> Record | Skip:
    if not any(cell.strip() for cell in row):
        reason = "empty row" if len(row) > 1 else "blank line"
        return Skip(id=f"{path.name}:{line}", reason=reason)
    fields = dict(zip(names, row, strict=False))
    record = Record(path=path, line=line, position=str(line), fields=fields)
    if len(row) < len(names) or any(row[len(names) :]):
        raise record.error(
            f"the row has {len(row)} cells, the header has {len(names)}",
            'give it one cell a column; a cell that holds the delimiter stands in "quotes"',
        )
    return record
