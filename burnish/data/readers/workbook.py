"""Excel workbooks (.xlsx): the rows of a sheet, as a person sees them.

Needs openpyxl (extra ``excel``), which reads a sheet row by row in constant memory.
"""

from __future__ import annotations

import datetime as dt
import re
import shlex
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import chain, islice
from pathlib import Path
from typing import Any

from burnish.data.packed import zip_names
from burnish.data.readers.cell_text import CellText
from burnish.data.readers.table import Table
from burnish.data.readers.workbook_scan import Scan, scan_workbook
from burnish.errors import DataError, MissingExtraError

__all__ = ["is_workbook", "read_sheet", "shown"]

_FAULTS = (
    *(
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OverflowError,
        EOFError,
        OSError,
    ),
    *(zipfile.BadZipFile, zlib.error, SyntaxError, NotImplementedError, RuntimeError),
)
"""What openpyxl raises where a workbook is broken; parsers of XML raise SyntaxError."""
_MOST_ROWS = 1 << 20
"""Of a sheet."""
_LOOKED_AT = 50
"""Rows among which the header is."""
_PADDED = re.compile(r"0+")
_PERCENT = re.compile(r"0(?:\.0+)?%")
_AGAIN = "save it again with a spreadsheet program"
Row = tuple[int, list[str]]


def is_workbook(path: Path) -> bool:
    """Whether a file is a workbook that openpyxl reads: .xlsx, .xlsm, whatever it is called."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            if stream.read(4) != b"PK\x03\x04":
                return False
    except OSError:
        return False
    return "xl/workbook.xml" in zip_names(path)


def read_sheet(
    path: Path, *, wanted: Sequence[str], sheet: str | None = None, keep: bool = False
) -> Table:
    """Find a sheet and its header, and be ready to read its rows.

    The header is the first row with one of the wanted columns, among rows with equally many; else
    the first that names as many columns as the rows below it have.

    Args:
        path: the workbook.
        wanted: column names that are looked for.
        sheet: its name; None where only one visible sheet has rows.
        keep: the rows go into another file: cells keep their values
            (:class:`burnish.data.readers.cell_text.CellText`), and those whose formula has no
            result are empty.

    Raises:
        DataError: the workbook is damaged or unpacks to too much, there is no such sheet, several
            have rows and none is named, or cells are merged where a table needs them apart.
        MissingExtraError: openpyxl is not installed.
    """
    try:
        scans = _scan(path)
        with ExitStack() as opened:
            book = _open(path, opened)
            chosen = _choose(book, path, sheet)
            rows = _while_open(opened.pop_all(), _rows(chosen, path, keep=keep))
        first = list(islice(rows, _LOOKED_AT))
        scan = scans[chosen._worksheet_path]
    except _FAULTS as error:
        raise _damaged(path, error) from error
    if scan.uncalculated and not keep:
        raise DataError(
            f"the formula in {scan.uncalculated} has no result: no spreadsheet program has "
            "calculated it",
            "open the workbook in a spreadsheet program and save it",
            file=path,
        )
    at = _header(first, wanted)
    if at is None:
        return Table(path=path, line=1, names=(), rows=iter(()), is_sheet=True)
    line, header = first[at]
    _refuse_merged(path, scan, line)
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return Table(
        path=path,
        line=line,
        number=line,
        names=tuple(names),
        rows=_below(path, chain(first[at + 1 :], rows), width=len(names)),
        is_sheet=True,
        above=sum(any(row) for _, row in first[:at]),
        uncalculated=scan.uncalculated,
    )


def _scan(path: Path) -> dict[str, Scan]:
    with zipfile.ZipFile(path) as archive:
        return scan_workbook(path, archive)


def _open(path: Path, opened: ExitStack) -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise MissingExtraError("openpyxl", "excel") from None
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    content = opened.enter_context(path.open("rb"))  # of a path it would judge the suffix
    book = openpyxl.load_workbook(content, read_only=True, data_only=True)
    return opened.enter_context(closing(book))


def _while_open(opened: ExitStack, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; what they are read from is closed when they end, or are dropped."""
    with opened:
        yield from rows


def _choose(book: Any, path: Path, name: str | None) -> Any:
    sheets = {each.title: each for each in book.worksheets}
    for each in sheets.values():
        each.reset_dimensions()  # what a program wrote there may be wrong
    listed = ", ".join(map(repr, sheets))
    if name is not None:
        if name not in sheets:
            hint = f"name one of them: data.sheet: {shlex.quote(next(iter(sheets), 'NAME'))}"
            raise DataError(f"has no sheet {name!r}; there are: {listed}", hint, file=path)
        return sheets[name]
    visible = {key: each for key, each in sheets.items() if each.sheet_state == "visible"}
    filled = [key for key, each in visible.items() if any(any(row) for _, row in _rows(each, path))]
    if not filled:
        raise DataError("holds no visible sheet with rows", "give a workbook with rows", file=path)
    if len(filled) > 1:
        raise DataError(
            f"{len(filled)} sheets have rows: {', '.join(map(repr, filled))}",
            f"say which one to read: data.sheet: {shlex.quote(filled[0])}",
            file=path,
        )
    return sheets[filled[0]]


def _rows(sheet: Any, path: Path, *, keep: bool = False) -> Iterator[Row]:
    """The rows as texts, with their numbers; blank ones at the end are not rows."""
    blank: list[Row] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > _MOST_ROWS:
            hint = _AGAIN
            raise DataError(f"has more than {_MOST_ROWS:,} rows in a sheet", hint, file=path)
        row = [CellText.of(cell, shown(cell)) if keep else shown(cell) for cell in cells]
        if not any(map(str.strip, row)):
            blank.append((number, []))
            continue
        yield from blank
        blank.clear()
        yield number, row


def _header(rows: Sequence[Row], wanted: Sequence[str]) -> int | None:
    """The index of the row that names the columns; None where there is no row."""
    filled = [(index, {c.strip() for c in row} - {""}) for index, (_, row) in enumerate(rows)]
    filled = [(index, cells) for index, cells in filled if cells]
    if not filled:
        return None
    found = {index: len(cells.intersection(wanted)) for index, cells in filled}
    if most := max(found.values()):
        return next(index for index, count in found.items() if count == most)
    width = max(len(cells) for _, cells in filled)
    return next(index for index, cells in filled if 2 * len(cells) > width)


def _refuse_merged(path: Path, scan: Scan, header: int) -> None:
    """Refuse merged cells in the header, and below it those that several rows share."""
    for name, first, last in scan.merged:
        if first <= header <= last:
            what = f"the cells {name}, which name the columns, are merged"
        elif first > header and last > first:
            what = f"the cells {name} are merged: {last - first + 1} rows share their value"
        else:
            continue
        hint = "unmerge them in the spreadsheet program, and write the value into each cell"
        raise DataError(what, hint, file=path)


def _below(
    path: Path, rows: Iterator[Row], *, width: int
) -> Iterator[tuple[int, list[str] | DataError]]:
    """The rows below a header, as wide as it is; columns without a name are not read."""
    try:
        for number, row in rows:
            yield number, [*row[:width], *[""] * (width - len(row))]
    except _FAULTS as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> DataError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DataError(f"is a damaged workbook: {reason}", _AGAIN, file=path)


def shown(cell: Any) -> str:
    """A cell's value as a person sees it, but for rounding: ``1``, ``00042``, ``12.5%``.

    Dates are ISO 8601, whatever the workbook's format.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value if "_x" not in value else _unescaped(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return _date(value)
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return str(value)


def _date(value: dt.datetime) -> str:
    if value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


def _number(value: float, number_format: str) -> str:
    if _PERCENT.fullmatch(number_format):
        return f"{value * 100:.15g}%"
    text = str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"
    padded = _PADDED.fullmatch(number_format) and text.isdecimal()
    return text.zfill(len(number_format)) if padded else text


def _unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as ``_x000D_``."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
