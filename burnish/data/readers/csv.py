"""CSV and TSV: a header line, then a line per row. Rows hold labels, not spans or answers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.label_columns import one_per_label, seem_label_columns
from burnish.data.readers.dialect import (
    Dialect,
    choose_dialect,
    holds_rows,
    split_returns,
    wide_fields,
)
from burnish.data.records import Item, Record, Skip, missing_column
from burnish.data.source import read_lines
from burnish.data.subgroups import columns_of
from burnish.errors import DataError
from burnish.tasks.shapes import Shape

__all__ = ["Table", "read_csv", "read_table"]

_SAMPLE_CHARACTERS = 1 << 20
_SEP = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;]*[\r\n]*')
_HEADER_HINT = "; the first line must name the columns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header, and below it the rows that have not been read yet."""

    path: Path
    line: int
    """The physical line of the header."""
    names: tuple[str, ...]
    """The columns' names."""
    delimiter: str
    rows: Iterator[tuple[int, list[str] | DataError]]
    """The physical line at which a row begins, and its cells or why it has none."""

    def require(self, name: str, *, recipe_key: str, hint: str = "") -> None:
        """See that there is one column of this name.

        Raises:
            DataError: there is none, or several.
        """
        if name not in self.names:
            message, fix = missing_column(name, self.names, recipe_key=recipe_key)
            raise _headless(self, message, (hint or fix) + _HEADER_HINT)
        if self.names.count(name) > 1:
            message = f"there are {self.names.count(name)} columns named {name!r}"
            raise _headless(self, message, "rename all but one")

    def records(self) -> Iterator[Item]:
        """The rows, in order; an empty one is a Skip, a broken one a DataError in its place.

        Raises:
            DataError: a row is broken so that nobody can tell where the next one begins.
        """
        for line, row in self.rows:
            if isinstance(row, DataError):
                yield row
            else:
                yield _record(self.path, row, line=line, names=self.names)


def read_csv(path: Path, columns: Columns, *, shape: Shape = Shape.LABELS) -> Iterator[Item]:
    """A file's rows; a row's line is the physical line it begins at.

    Args:
        path: the file.
        columns: their names.
        shape: labels or scores.

    Raises:
        DataError: a column is missing, or see :meth:`Table.records`.
    """
    table = read_table(path, wanted=_wanted(columns, shape))
    table.require(columns.text, recipe_key="text")
    if shape is Shape.SCORES:
        table.require(columns.score, recipe_key="score")
    elif columns.label_columns:
        for name in columns.label_columns:
            table.require(name, recipe_key="label_columns")
    elif columns.labels not in table.names:
        if columns.label not in table.names:
            _refuse_label_columns(table, text=columns.text)
        table.require(columns.label, recipe_key="label")
    if columns.group is not None:
        table.require(columns.group, recipe_key="group")
    for name in columns.subgroups:
        for column in columns_of(name, table.names):
            table.require(column, recipe_key="subgroups")
    yield from table.records()


def _wanted(columns: Columns, shape: Shape) -> tuple[str, ...]:
    if shape is Shape.SCORES:
        return columns.text, columns.score
    return columns.text, columns.label, columns.labels


def _refuse_label_columns(table: Table, *, text: str) -> None:
    found = seem_label_columns(
        table.names, (row for _, row in table.rows if isinstance(row, list)), text=text
    )
    if found:
        raise _headless(table, *one_per_label(found))


def _headless(table: Table, message: str, hint: str) -> DataError:
    """What is wrong with the header, and so with every row."""
    return DataError(message, hint, file=table.path, line=table.line, kind="unreadable-file")


def read_table(path: Path, *, wanted: Sequence[str]) -> Table:
    """Read a file's header, and be ready to read its rows.

    Args:
        path: the file.
        wanted: column names; a dialect whose header holds more of them is better.

    Raises:
        DataError: the file is not UTF-8, or its header is broken.
    """
    wide_fields()
    lines = chain.from_iterable(split_returns(line) for _, line in read_lines(path))
    sample, truncated = _take(lines)
    said = _said_delimiter(sample)
    dialect = Dialect()
    if sample[said is not None :]:
        dialect = choose_dialect(
            sample[said is not None :], wanted=wanted, truncated=truncated, delimiter=said
        )
    rows = _rows(path, chain(sample, lines), dialect)
    if said is not None:
        next(rows)
    line, header = next(((line, row) for line, row in rows if _holds(row)), (1, []))
    if isinstance(header, DataError):
        raise header
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return Table(path=path, line=line, names=tuple(names), delimiter=dialect.delimiter, rows=rows)


def _said_delimiter(sample: Sequence[str]) -> str | None:
    """The delimiter that Excel's first line names: ``sep=;``."""
    match = _SEP.fullmatch(sample[0]) if sample else None
    return match[1] if match else None


def _take(lines: Iterator[str]) -> tuple[list[str], bool]:
    sample, size = [], 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if size > _SAMPLE_CHARACTERS:
            return sample, True
    return sample, False


def _rows(
    path: Path, lines: Iterator[str], dialect: Dialect
) -> Iterator[tuple[int, list[str] | DataError]]:
    reader = dialect.reader(lines)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num > line:
                rest = (
                    "; where the next row begins is uncertain, so the rows after it were not read"
                )
                raise _broken(path, f"{error}{rest}", line) from error
            yield line, _broken(path, str(error), line)
            continue
        yield line, _merged(path, line) if dialect.doubtful and holds_rows(row) else row


def _merged(path: Path, line: int) -> DataError:
    return DataError(
        "a cell of the row that begins here holds tabs and line breaks: it may be several rows "
        "whose quotes are text",
        'where "quotes" enclose cells, quote the names in the header too; where they are text, '
        "write the file as CSV or JSON Lines",
        file=path,
        line=line,
    )


def _broken(path: Path, reason: str, line: int) -> DataError:
    return DataError(
        f"the row that begins here cannot be read: {reason}",
        'a cell that holds a quote, the delimiter or a line break is put in "quotes", '
        'and a quote inside it is doubled: ""',
        file=path,
        line=line,
    )


def _holds(row: list[str] | DataError) -> bool:
    return isinstance(row, DataError) or any(row)


def _record(path: Path, row: list[str], *, line: int, names: Sequence[str]) -> Item:
    if not any(cell.strip() for cell in row):
        reason = "empty row" if len(row) > 1 else "blank line"
        return Skip(id=f"{path.name}:{line}", reason=reason)
    fields = dict(zip(names, row, strict=False))
    record = Record(path=path, line=line, position=str(line), fields=fields)
    if len(row) < len(names) or any(row[len(names) :]):
        return record.error(
            f"the row has {len(row)} cells, the header has {len(names)}",
            'write one cell per column; a cell that holds the delimiter is put in "quotes"',
        )
    return record
