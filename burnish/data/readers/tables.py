"""Tables of texts with labels, whatever file they are in: CSV, TSV or a workbook, packed or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.label_columns import one_per_label, seem_label_columns
from burnish.data.readers.csv import read_table
from burnish.data.readers.table import Table
from burnish.data.readers.workbook import is_workbook, read_sheet
from burnish.data.records import Item
from burnish.data.subgroups import columns_of
from burnish.plural import plural
from burnish.tasks.shapes import Shape

__all__ = ["open_table", "read_labelled_table", "table_notes"]


def open_table(
    path: Path, *, wanted: Sequence[str], sheet: str | None = None, keep: bool = False
) -> Table:
    """Read the header of a table, and be ready to read its rows: CSV, TSV or a workbook.

    A text file may be packed with gzip, bzip2 or zip. A row's id is ``file name:line``, in a
    workbook ``file name:row``.

    Args:
        path: the file; what it is shows by its first bytes, not by its suffix.
        wanted: names of columns that are looked for. They help to find the header, and in a text
            file the delimiter; one that is missing is refused by :meth:`Table.require` alone.
        sheet: of a workbook, where several have rows.
        keep: of a workbook, as :func:`burnish.data.readers.workbook.read_sheet` has it.

    Raises:
        DataError: the file is not UTF-8, is damaged, unpacks to too much, or has no header; or a
            workbook has no such sheet, or several and none is named.
        MissingExtraError: it is a workbook, and openpyxl is not installed.

    Examples:
        >>> table = open_table(Path("mails.xlsx"), wanted=("text",))
        >>> table.require("text", recipe_key="text")
        >>> [record.fields["text"] for record in table.records() if isinstance(record, Record)]
    """
    if is_workbook(path):
        return read_sheet(path, wanted=wanted, sheet=sheet, keep=keep)
    return read_table(path, wanted=wanted)


def read_labelled_table(
    path: Path, columns: Columns, *, shape: Shape = Shape.LABELS
) -> Iterator[Item]:
    """A table's rows; a row's line is the physical line it begins at.

    Args:
        path: the file.
        columns: their names.
        shape: labels, scores, summaries or written texts.

    Raises:
        DataError: a column is missing, or see :meth:`Table.records`.
    """
    table = _open(path, columns)
    if shape is Shape.WRITTEN:
        table.require(columns.source, recipe_key="source")
    elif columns.documents is None:
        table.require(columns.text, recipe_key="text")
    else:
        table.require(columns.documents, recipe_key="documents")
    if shape is Shape.WRITTEN:
        table.require(columns.target, recipe_key="target")
    elif shape is Shape.SCORES:
        table.require(columns.score, recipe_key="score")
    elif shape is Shape.SUMMARIES:
        table.require(columns.summary, recipe_key="summary")
    elif columns.label_columns:
        for name in columns.label_columns:
            table.require(name, recipe_key="label_columns")
    elif columns.labels not in table.names:
        if columns.label not in table.names:
            _refuse_label_columns(table, text=columns.text)
        table.require(columns.label, recipe_key="label")
    for key, named in (("group", columns.group), ("id", columns.id)):
        if named is not None:
            table.require(named, recipe_key=key)
    for name in columns.subgroups:
        for column in columns_of(name, table.names):
            table.require(column, recipe_key="subgroups")
    yield from table.records()


def table_notes(path: Path, columns: Columns) -> tuple[str, ...]:
    """A note on the rows above the header of a sheet, which are not read."""
    table = _open(path, columns)
    if not table.above:
        return ()
    above = plural(table.above, "# [row|rows] above it [is|are] not read")
    return (f"row {table.line} names the columns; {above}",)


def _open(path: Path, columns: Columns) -> Table:
    labels = (columns.label, columns.labels, *columns.label_columns, columns.score, columns.summary)
    wanted = (columns.text, columns.pair, *labels, columns.source, columns.target)
    return open_table(path, wanted=wanted, sheet=columns.sheet)


def _refuse_label_columns(table: Table, *, text: str) -> None:
    found = seem_label_columns(
        table.names, (row for _, row in table.rows if isinstance(row, list)), text=text
    )
    if found:
        raise table.error(*one_per_label(found))
