"""Fixes of a row's entities."""

from __future__ import annotations

from typing import Any

from burnish.data.edits import EditedText
from burnish.data.row_fixes import RowEdit

__all__ = ["fix_entities"]


def fix_entities(row: RowEdit) -> None:
    """Fix the text, and the entities' labels, offsets and edges; drop one that is given twice."""
    column = row.columns.entities
    given = row.fields.get(column)
    edited = row.fix_text(row.columns.text, spans=given)
    if edited is not None and edited.edits:
        row.fields.pop(row.columns.tokens, None)  # they are not the text's any more
    if edited is None or not isinstance(given, list):
        return
    kept: list[Any] = []
    for item in given:
        fixed = _entity(row, item, edited) if isinstance(item, dict) else item
        if fixed in kept:
            row.changes.append(("overlapping-entities", "the same entity twice"))
        else:
            kept.append(fixed)
    row.fields[column] = kept


def _entity(row: RowEdit, item: dict[str, Any], edited: EditedText) -> dict[str, Any]:
    item = row.with_whole_offsets(item)
    start, end = item.get("start"), item.get("end")
    if not isinstance(start, int) or not isinstance(end, int):
        return item
    if isinstance(item.get("label"), str):
        item["label"] = row.fix_label(item["label"])
    name = next((n for n in ("text", "word") if isinstance(item.get(n), str)), None)
    if name and edited.before[start:end] != item[name] and edited.before.count(item[name]) == 1:
        where = edited.before.index(item[name])
        row.changes.append(("entity-text-mismatch", f"start {start} is {where}"))
        start, end = where, where + len(item[name])
    if not 0 <= start < end <= len(edited.before):
        return item
    new_start, new_end = row.settle(edited, start, end)
    covered = {}
    if name and edited.before[start:end] == item[name]:
        covered = {name: edited.text[new_start:new_end]}
    return {**item, "start": new_start, "end": new_end, **covered}
