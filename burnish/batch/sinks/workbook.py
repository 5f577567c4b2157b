"""Excel workbooks (``.xlsx``), written in constant memory. Needs XlsxWriter (extra ``excel``)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import override

from burnish.batch.sinks.sink import Sink, Table, cell_text
from burnish.data.readers.cell_text import CellText, CellValue
from burnish.errors import MissingExtraError

__all__ = ["WorkbookSink"]

_CREATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Fixed, so that the same answers make the same bytes."""
_DIGITS = 10**15
"""Excel keeps 15 digits of a number."""


class WorkbookSink(Sink):
    """One sheet. Texts are written as texts, also those that look like formulas or links.

    Numbers and dates of another workbook keep value and format.

    The limits are Excel's own: https://support.microsoft.com/office/1672b34d-7043-467e-8e27.
    """

    most_rows: ClassVar[int | None] = 1_048_575
    most_columns: ClassVar[int | None] = 16_384
    most_units: ClassVar[int | None] = 32_767

    @override
    def check_library(self) -> None:
        try:
            import xlsxwriter  # noqa: F401
        except ModuleNotFoundError:
            raise MissingExtraError("XlsxWriter", "excel") from None

    @override
    def write(self, path: Path, table: Table) -> None:
        import xlsxwriter
        from xlsxwriter.exceptions import FileCreateError

        # The sheet lies in a temporary file until the end: on the output's disk, not in memory.
        options = {"constant_memory": True, "tmpdir": str(path.parent)}
        book = xlsxwriter.Workbook(str(path), options)
        try:
            book.set_properties({"created": _CREATED})
            book.use_zip64()
            sheet = book.add_worksheet("predictions")
            sheet.freeze_panes(1, 0)
            last = (self.most_rows or 0, len(table.layout.columns) - 1)
            sheet.ignore_errors({"number_stored_as_text": _area(*last)})
            bold = book.add_format({"bold": True})
            for column, name in enumerate(table.layout.columns):
                sheet.write_string(0, column, cell_text(name), bold)
            formatted = cache(lambda form: book.add_format({"num_format": form}))
            for number, row in enumerate(table.rows, start=1):
                for column, value in enumerate(table.layout.cells(row)):
                    if isinstance(value, CellText) and _is_kept(value.value):
                        _write_kept(sheet, number, column, value, formatted)
                    else:
                        _write(sheet, number, column, value, separator=table.separator)
            book.close()
        except FileCreateError as error:
            raise error.args[0] from error
        finally:
            _forget(book)


def _write(sheet: Any, row: int, column: int, value: object, *, separator: str | None) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif _is_number(value):
        sheet.write_number(row, column, value)
    elif text := cell_text(value, separator=separator):
        sheet.write_string(row, column, text)


def _write_kept(
    sheet: Any, row: int, column: int, cell: CellText, formatted: Callable[[str | int], Any]
) -> None:
    """A value of another workbook, with its format (0 is the general one)."""
    form = formatted(cell.number_format) if cell.number_format else None
    value = cell.value
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, form)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, form)
    else:
        sheet.write_datetime(row, column, value, form)


def _is_kept(value: CellValue) -> bool:
    """Whether a sheet can hold the value as it is; times before its first day it cannot."""
    if isinstance(value, bool | dt.time):
        return True
    if isinstance(value, int | float):
        return _is_number(value)
    if isinstance(value, dt.timedelta):
        return value >= dt.timedelta()
    return (value.year, value.month) >= (1900, 3)  # before it, programs disagree by a day


def _is_number(value: object) -> bool:
    """Whether a cell can hold the number with all its digits."""
    if isinstance(value, int):
        return abs(value) < _DIGITS
    return isinstance(value, float) and math.isfinite(value)


def _area(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(0, 0, row, column))


def _forget(book: Any) -> None:
    """Close what an unfinished workbook holds open."""
    book.fileclosed = True
    for sheet in book.worksheets():
        sheet.row_data_fh.close()
