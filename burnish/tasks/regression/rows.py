"""Rows of scores: a record becomes a text with a number."""

from __future__ import annotations

from typing import ClassVar

from burnish.data.columns import Columns
from burnish.data.fields import read_group, read_text
from burnish.data.numbers import read_score
from burnish.data.records import Record, Skip
from burnish.data.row_fixes import RowEdit
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.rows import TaskRows
from burnish.tasks.shapes import Shape

__all__ = ["ROWS", "ScoreBuilder"]


class ScoreBuilder:
    """``{"text", "score"}``."""

    multi_label: ClassVar[bool] = False

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> ScoreExample | Skip:
        """The record's example, or why it has none."""
        text = read_text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        return ScoreExample(
            id=record.id,
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            score=read_score(record, self._columns),
        )


def _fix(row: RowEdit) -> None:
    row.fix_text(row.columns.text)


ROWS = TaskRows(
    shape=Shape.SCORES,
    texts=lambda columns: (columns.text,),
    builder=ScoreBuilder,
    fix=_fix,
)
