"""Fixes of a row's answers."""

from __future__ import annotations

from typing import Any

from burnish.data.edits import EditedText
from burnish.data.row_fixes import RowEdit

__all__ = ["fix_answers"]


def fix_answers(row: RowEdit) -> None:
    """Fix the question and the context, and the offsets and edges of the answers."""
    column = row.columns.answers
    given = row.fields.get(column)
    row.fix_text(row.columns.question)
    edited = row.fix_text(row.columns.context, spans=given)
    if edited is not None and isinstance(given, list):
        row.fields[column] = [
            _answer(row, item, edited) if isinstance(item, dict) else item for item in given
        ]


def _answer(row: RowEdit, item: dict[str, Any], edited: EditedText) -> dict[str, Any]:
    item = row.with_whole_offsets(item)
    text, start = item.get("text"), item.get("start")
    if not isinstance(text, str) or not isinstance(start, int) or not text.strip():
        return item
    if edited.before[max(start, 0) : start + len(text)] != text:
        if edited.before.count(text) != 1:
            return item
        where = edited.before.index(text)
        row.changes.append(("answer-not-at-offset", f"start {start} is {where}"))
        start = where
    new_start, new_end = row.settle(edited, start, start + len(text))
    return {**item, "text": edited.text[new_start:new_end], "start": new_start}
