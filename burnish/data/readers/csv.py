"""CSV and TSV: a header line, then a line per row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from burnish.data.readers.dialect import (
    Dialect,
    choose_dialect,
    holds_rows,
    split_returns,
    wide_fields,
)
from burnish.data.readers.table import Table
from burnish.data.source import read_lines
from burnish.errors import DataError

__all__ = ["Table", "read_table"]

_SAMPLE_CHARACTERS = 1 << 20
_SEP = re.compile(r'"?sep=([^\w\s"]|\t)"?[,;]*[\r\n]*')


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
    number, (line, header) = next(
        ((number, row) for number, row in enumerate(rows, start=1) if _holds(row[1])), (1, (1, []))
    )
    if isinstance(header, DataError):
        raise header
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return Table(
        path=path,
        line=line,
        number=number,
        names=tuple(names),
        delimiter=dialect.delimiter,
        rows=rows,
    )


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
