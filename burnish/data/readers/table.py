"""A table: a header that names columns, and rows of cells, whatever file they are in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from burnish.data.records import Item, Record, Skip, missing_column
from burnish.errors import DataError

__all__ = ["Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header, and below it the rows that have not been read yet."""

    path: Path
    line: int
    """The physical line of the header; in a workbook its row."""
    names: tuple[str, ...]
    """The columns' names."""
    rows: Iterator[tuple[int, list[str] | DataError]]
    """The line (in a workbook, the row) at which a row begins, and its cells or why it has none."""
    delimiter: str = ","
    number: int = 1
    """The header's row as a spreadsheet counts it: a row whose cells hold line breaks is one."""
    is_sheet: bool = False
    """It is the sheet of a workbook, which has rows and no lines."""
    above: int = 0
    """Rows with something in them above the header, which are not read."""
    uncalculated: str = ""
    """The first cell of a sheet whose formula has no result; empty where there is none."""

    def require(self, name: str, *, recipe_key: str, hint: str = "") -> None:
        """See that there is one column of this name.

        Raises:
            DataError: there is none, or several.
        """
        if name not in self.names:
            message, fix = missing_column(name, filter(None, self.names), recipe_key=recipe_key)
            where = "" if self.is_sheet else "; the first line must name the columns"
            raise self.error(message, f"{hint or fix}{where}")
        if self.names.count(name) > 1:
            message = f"there are {self.names.count(name)} columns named {name!r}"
            raise self.error(message, "rename all but one")

    def error(self, message: str, hint: str) -> DataError:
        """What is wrong with the header, and so with every row."""
        return DataError(
            message,
            hint,
            file=self.path,
            line=None if self.is_sheet else self.line,
            place=f"row {self.line}" if self.is_sheet else "",
            kind="unreadable-file",
        )

    def records(self) -> Iterator[Item]:
        """The rows, in order; an empty one is a Skip, a broken one a DataError in its place.

        Raises:
            DataError: a row is broken so that nobody can tell where the next one begins.
        """
        return (item for _, item in self.items())

    def items(self) -> Iterator[tuple[list[str] | DataError, Item]]:
        """The cells of each row, or why it has none, and what :meth:`records` makes of it."""
        for number, (line, row) in enumerate(self.rows, start=self.number + 1):
            yield row, row if isinstance(row, DataError) else self._record(row, line, number)

    def _record(self, row: list[str], line: int, number: int) -> Item:
        if not any(cell.strip() for cell in row):
            reason = "empty row" if len(row) > 1 or self.is_sheet else "blank line"
            return Skip(id=f"{self.path.name}:{line}", reason=reason)
        place = f"spreadsheet row {number}" if number != line else ""
        fields = dict(zip(self.names, row, strict=False))
        if self.is_sheet:
            fields.pop("", None)  # nobody can name such a column
        record = Record(
            path=self.path,
            line=None if self.is_sheet else line,
            position=str(line),
            fields=fields,
            name=f"row {number}" if self.is_sheet else place,
            place=place,
        )
        if len(row) < len(self.names) or any(row[len(self.names) :]):
            return record.error(
                f"the row has {len(row)} cells, the header has {len(self.names)}",
                'write one cell per column; a cell that holds the delimiter is put in "quotes"',
            )
        return record
