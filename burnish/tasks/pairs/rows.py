"""Rows of text pairs: a record becomes two texts with labels."""

from __future__ import annotations

from burnish.data.columns import Columns
from burnish.data.fields import read_group, read_text
from burnish.data.labels import LabelReader
from burnish.data.records import Record, Skip
from burnish.data.row_fixes import RowEdit
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.pairs.example import PairExample
from burnish.tasks.rows import TaskRows
from burnish.tasks.shapes import Shape

__all__ = ["ROWS", "PairBuilder"]


class PairBuilder:
    """``{"text", "text_pair", "label"}`` or, with several labels, ``"labels": […]``."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._labels = LabelReader(columns)
        self._subgroups = SubgroupReader(columns)

    @property
    def multi_label(self) -> bool:
        """Whether a row has any number of labels."""
        return self._labels.multi_label

    def build(self, record: Record) -> PairExample | Skip:
        """The record's example, or why it has none."""
        text = read_text(record, self._columns.text, recipe_key="text")
        text_pair = read_text(record, self._columns.pair, recipe_key="pair")
        for column, value in ((self._columns.text, text), (self._columns.pair, text_pair)):
            if not value.strip():
                return Skip(id=record.id, reason=f"empty {column}")
        return PairExample(
            id=record.id,
            place=record.place,
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            text_pair=text_pair,
            labels=self._labels.read(record),
        )


def _fix(row: RowEdit) -> None:
    row.fix_text(row.columns.text)
    row.fix_text(row.columns.pair)
    row.fix_labels()


ROWS = TaskRows(
    shape=Shape.LABELS,
    texts=lambda columns: (columns.text, columns.pair),
    builder=PairBuilder,
    fix=_fix,
)
