"""CSV and TSV that spreadsheets open as they are meant.

UTF-8 with a byte order mark, without which Excel takes it for the machine's old encoding. The
delimiter is the input's, where that is CSV: an Excel that wrote semicolons reads them too.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from burnish.batch.sinks.sink import Sink, Table, cell_text
from burnish.data.formulas import escape_formula

__all__ = ["CsvSink", "TsvSink"]

_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")
"""A text that a spreadsheet takes for a number, whatever its sign."""


class CsvSink(Sink):
    """Cells that a spreadsheet would compute get an apostrophe; numbers stay as they are."""

    delimiter: ClassVar[str | None] = None

    @override
    def write(self, path: Path, table: Table) -> None:
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream, delimiter=self.delimiter or table.delimiter or ",")
            writer.writerow([_safe(name) for name in table.layout.columns])
            for row in table.rows:
                cells = table.layout.cells(row)
                writer.writerow([_safe(cell_text(c, separator=table.separator)) for c in cells])


class TsvSink(CsvSink):
    """The same with tabs."""

    delimiter = "\t"


def _safe(cell: str) -> object:
    return cell if _NUMBER.fullmatch(cell) else escape_formula(cell)
