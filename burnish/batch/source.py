"""A source: a file or folder, its format, and where a row has its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.batch.fields import Fields
from burnish.batch.rows import Row
from burnish.batch.sources import Format, read_rows, table_of
from burnish.data.readers.arrow import parquet_types
from burnish.data.reading import rows_sha256

__all__ = ["Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows that can be read again and again."""

    path: Path
    form: Format
    fields: Fields

    def rows(self) -> Iterator[Row]:
        """All rows, in order."""
        return read_rows(self.path, self.form, self.fields)

    def sha256(self) -> str:
        """The digest of everything that is read."""
        return rows_sha256(self.path)

    def types(self) -> dict[str, Any]:
        """Arrow's types of the columns, where the file has them."""
        return parquet_types(self.path) if self.form == "parquet" else {}

    def delimiter(self) -> str | None:
        """What separates the cells of a table of text."""
        if self.form not in ("csv", "tsv"):
            return None
        return table_of(self.path, self.fields).delimiter

    def notes(self) -> tuple[str, ...]:
        """What a person should know of the file, though its rows can be read."""
        cell = table_of(self.path, self.fields).uncalculated if self.form == "xlsx" else ""
        note = (
            f"the formula in {cell} has no result, so it is read as an empty cell, and others like "
            "it too; to calculate them, open the workbook in a spreadsheet program and save it"
        )
        return (note,) if cell else ()
