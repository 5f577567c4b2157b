"""Rows of a classification: a record becomes a text with labels."""

from __future__ import annotations

from burnish.data.columns import Columns
from burnish.data.fields import read_group, read_text
from burnish.data.labels import LabelReader
from burnish.data.records import Record, Skip
from burnish.data.row_fixes import RowEdit
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.rows import TaskRows
from burnish.tasks.shapes import Shape

__all__ = ["ROWS", "ClassificationBuilder"]


class ClassificationBuilder:
    """``{"text", "label"}`` or ``{"text", "labels": […]}``, one of the two in a whole file."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._labels = LabelReader(columns)
        self._subgroups = SubgroupReader(columns)

    @property
    def multi_label(self) -> bool:
        """Whether a row has any number of labels."""
        return self._labels.multi_label

    def build(self, record: Record) -> ClassificationExample | Skip:
        """The record's example, or why it has none."""
        text = read_text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        labels = self._labels.read(record)
        return ClassificationExample(
            id=record.id,
            place=record.place,
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            labels=labels,
        )


def _fix(row: RowEdit) -> None:
    row.fix_text(row.columns.text)
    row.fix_labels()


ROWS = TaskRows(
    shape=Shape.LABELS,
    texts=lambda columns: (columns.text,),
    builder=ClassificationBuilder,
    fix=_fix,
)
