"""Rows of written answers: a record becomes a source with its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from burnish.data.columns import Columns
from burnish.data.fields import read_group, read_text
from burnish.data.records import Record, Skip, UnlabelledError
from burnish.data.row_fixes import RowEdit
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.rows import TaskRows
from burnish.tasks.shapes import Shape
from burnish.tasks.written.example import WrittenExample

__all__ = ["ROWS", "WrittenBuilder"]

_BOTH = "translation"
"""The column of data sets of the Hugging Face hub that has a text in several languages."""


class WrittenBuilder:
    """``{"source", "target"}``, both texts; or both in one object, by their languages."""

    multi_label: ClassVar[bool] = False

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> WrittenExample | Skip:
        """The record's example, or why it has none."""
        record = self._unfolded(record)
        source = read_text(record, self._columns.source, recipe_key="source").strip()
        target = read_text(record, self._columns.target, recipe_key="target").strip()
        if not source:
            return Skip(id=record.id, reason="empty source")
        if not target:
            raise record.error(
                "the row has no target",
                "write it, or remove the row, or set data.unlabelled: leave_out",
                kind="no-label",
                of=UnlabelledError,
            )
        return WrittenExample(
            id=record.id,
            place=record.place,
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            source=source,
            target=target,
        )

    def _unfolded(self, record: Record) -> Record:
        """The record with two columns where one has both texts by their languages."""
        columns, both = self._columns, record.fields.get(_BOTH)
        if columns.languages is None or columns.source in record.fields:
            return record
        if not isinstance(both, Mapping) or not both.keys() >= set(columns.languages):
            return record
        source, target = (both[code] for code in columns.languages)
        pair = {columns.source: source, columns.target: target}
        return replace(record, fields={**record.fields, **pair})


def _fix(row: RowEdit) -> None:
    row.fix_text(row.columns.source)
    row.fix_text(row.columns.target)


ROWS = TaskRows(
    shape=Shape.WRITTEN,
    texts=lambda columns: (columns.source,),
    builder=WrittenBuilder,
    fix=_fix,
)
