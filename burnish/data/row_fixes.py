"""Fixes of one row: its texts, the offsets that stand in them, and its labels."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from burnish.data.columns import Columns
from burnish.data.edits import EditedText, certain_edits
from burnish.data.label_forms import bare_label
from burnish.data.printed import PrintedLabels
from burnish.data.records import Record, whole_number
from burnish.data.word_edges import on_words

__all__ = ["FixedRow", "RowFixer"]

Change = tuple[str, str]
"""Kind and detail."""


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A row after its fixes; ``changes`` is empty where it had none."""

    record: Record
    changes: tuple[Change, ...]
    left: tuple[Change, ...] = ()
    """What is wrong with it and has no certain fix, though it can be read."""


@dataclass(frozen=True, slots=True)
class RowFixer:
    """Fixes rows of a file."""

    columns: Columns
    task: str
    labels: Mapping[str, str]
    """Spellings of labels that are replaced, and by what."""
    printed: PrintedLabels | None = None
    """How lists that were printed as text are written; None where there are none."""

    def fix(self, record: Record) -> FixedRow:
        """The row with every certain fix; fields of other shapes than usual stay as they are."""
        fields: dict[str, Any] = dict(record.fields)
        changes: list[Change] = []
        left: list[Change] = []
        if self.task == "classification":
            self._text(fields, self.columns.text, changes)
            fields = self._unfolded(fields, changes)
            self._labels(fields, changes)
        elif self.task == "extraction":
            spans = fields.get(self.columns.entities)
            edited = self._text(fields, self.columns.text, changes, offsets=_offsets(spans))
            if edited is not None and edited.edits:
                fields.pop(self.columns.tokens, None)  # they are not the text's any more
            self._entities(fields, edited, changes, left)
        else:
            self._text(fields, self.columns.question, changes)
            spans = fields.get(self.columns.answers)
            edited = self._text(fields, self.columns.context, changes, offsets=_offsets(spans))
            self._answers(fields, edited, changes, left)
        return FixedRow(replace(record, fields=fields), tuple(changes), tuple(left))

    def _text(
        self,
        fields: dict[str, Any],
        column: str,
        changes: list[Change],
        *,
        offsets: Collection[int] = (),
    ) -> EditedText | None:
        text = fields.get(column)
        if not isinstance(text, str):
            return None
        edited = certain_edits(text, offsets=offsets)
        changes += [(e.kind, f"{column}, characters {e.start}-{e.end}") for e in edited.edits]
        fields[column] = edited.text
        return edited

    def _unfolded(self, fields: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
        if self.printed is None:
            return fields
        unfolded = self.printed.unfold(fields, self.columns)
        if unfolded != fields:
            changes.append(("printed-label", "written out"))
        return unfolded

    def _labels(self, fields: dict[str, Any], changes: list[Change]) -> None:
        for column in (self.columns.label, self.columns.labels):
            value = fields.get(column)
            if isinstance(value, float) and math.isnan(value):
                fields[column] = None  # JSON has no NaN
            if isinstance(value, str) and self.columns.separator is None:
                fields[column] = self._label(value, changes)
            elif isinstance(value, str):
                parts = value.split(self.columns.separator)
                fixed = [self._label(part, changes) for part in parts]
                fields[column] = (self.columns.separator or "").join(fixed)
            elif isinstance(value, list) and all(isinstance(each, str) for each in value):
                fixed = [self._label(each, changes) for each in value]
                fields[column] = list(dict.fromkeys(fixed))

    def _label(self, label: str, changes: list[Change]) -> str:
        stripped = label.strip()
        fixed = self.labels.get(stripped, stripped)
        if fixed != label:
            kind = "quoted-label" if bare_label(stripped) == fixed != stripped else "labels-alike"
            changes.append((kind, f"{label!r} is {fixed!r}"))
        return fixed

    def _entities(
        self,
        fields: dict[str, Any],
        edited: EditedText | None,
        changes: list[Change],
        left: list[Change],
    ) -> None:
        given = fields.get(self.columns.entities)
        if edited is None or not isinstance(given, list):
            return
        kept: list[Any] = []
        for item in given:
            fixed = self._entity(item, edited, changes, left) if isinstance(item, dict) else item
            if fixed in kept:
                changes.append(("overlapping-entities", "the same entity twice"))
            else:
                kept.append(fixed)
        fields[self.columns.entities] = kept

    def _entity(
        self, item: dict[str, Any], edited: EditedText, changes: list[Change], left: list[Change]
    ) -> dict[str, Any]:
        item = _with_whole_offsets(item, changes)
        start, end = item.get("start"), item.get("end")
        if not isinstance(start, int) or not isinstance(end, int):
            return item
        if isinstance(item.get("label"), str):
            item["label"] = self._label(item["label"], changes)
        name = next((n for n in ("text", "word") if isinstance(item.get(n), str)), None)
        if name and edited.before[start:end] != item[name] and edited.before.count(item[name]) == 1:
            where = edited.before.index(item[name])
            changes.append(("entity-text-mismatch", f"start {start} is {where}"))
            start, end = where, where + len(item[name])
        if not 0 <= start < end <= len(edited.before):
            return item
        new_start, new_end = _settled(edited, start, end, changes, left)
        covered = {}
        if name and edited.before[start:end] == item[name]:
            covered = {name: edited.text[new_start:new_end]}
        return {**item, "start": new_start, "end": new_end, **covered}

    def _answers(
        self,
        fields: dict[str, Any],
        edited: EditedText | None,
        changes: list[Change],
        left: list[Change],
    ) -> None:
        given = fields.get(self.columns.answers)
        if edited is None or not isinstance(given, list):
            return
        fields[self.columns.answers] = [
            _answer(item, edited, changes, left) if isinstance(item, dict) else item
            for item in given
        ]


def _with_whole_offsets(item: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    """A copy whose ``"7"`` and ``7.0`` are 7."""
    found = {name: whole_number(item.get(name)) for name in ("start", "end")}
    written = {name: number for name, number in found.items() if number is not None}
    changes += [("unreadable", f"{name} is the number {each}") for name, each in written.items()]
    return {**item, **written}


def _answer(
    item: dict[str, Any], edited: EditedText, changes: list[Change], left: list[Change]
) -> dict[str, Any]:
    item = _with_whole_offsets(item, changes)
    text, start = item.get("text"), item.get("start")
    if not isinstance(text, str) or not isinstance(start, int) or not text.strip():
        return item
    if edited.before[max(start, 0) : start + len(text)] != text:
        if edited.before.count(text) != 1:
            return item
        where = edited.before.index(text)
        changes.append(("answer-not-at-offset", f"start {start} is {where}"))
        start = where
    end = start + len(text)
    new_start, new_end = _settled(edited, start, end, changes, left)
    return {**item, "text": edited.text[new_start:new_end], "start": new_start}


def _offsets(spans: object) -> set[int]:
    """Where entities or answers begin and end."""
    found: set[int] = set()
    for item in spans if isinstance(spans, list) else ():
        start = item.get("start") if isinstance(item, dict) else None
        if isinstance(start, int):
            end = item.get("end", start + len(str(item.get("text", ""))))
            found |= {start, end} if isinstance(end, int) else {start}
    return found


def _settled(
    edited: EditedText, start: int, end: int, changes: list[Change], left: list[Change]
) -> tuple[int, int]:
    """Where a span lies now, without white space at its edges.

    A span with white space at one edge that cuts a word at the other has slipped as a whole:
    cutting the white space would only hide it.
    """
    now = edited.moved(start), edited.moved(end)
    if edited.before[start:end] == edited.before[start:end].strip():
        return now
    trimmed = _trimmed(edited.text, *now)
    if not on_words(edited.text, *trimmed):
        left.append(("span-whitespace", f"{start}-{end} begins or ends inside a word"))
        return now
    changes.append(("span-whitespace", f"{start}-{end} is {trimmed[0]}-{trimmed[1]}"))
    return trimmed


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
