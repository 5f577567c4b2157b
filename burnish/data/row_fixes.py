"""Fixes of one row: its texts, its labels, and the edges of what is marked in a text."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from burnish.data.columns import Columns
from burnish.data.edits import EditedText, certain_edits
from burnish.data.label_forms import bare_label
from burnish.data.printed import PrintedLabels
from burnish.data.records import Record, whole_number
from burnish.data.word_edges import on_words
from burnish.tasks.units import trim_space

__all__ = ["FixedRow", "RowEdit", "RowFixer"]

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
    make: Callable[[RowEdit], None]
    """Makes the fixes of a task's rows."""
    labels: Mapping[str, str]
    """Spellings of labels that are replaced, and by what."""
    printed: PrintedLabels | None = None
    """How lists that were printed as text are written; None where there are none."""

    def fix(self, record: Record) -> FixedRow:
        """The row with every certain fix; fields of other shapes than usual stay as they are."""
        row = RowEdit(dict(record.fields), self.columns, self.labels, self.printed)
        self.make(row)
        return FixedRow(replace(record, fields=row.fields), tuple(row.changes), tuple(row.left))


@dataclass(slots=True)
class RowEdit:
    """A row while it is fixed; each task combines the fixes that its rows need."""

    fields: dict[str, Any]
    """The row; fixed in place."""
    columns: Columns
    labels: Mapping[str, str]
    printed: PrintedLabels | None
    changes: list[Change] = field(default_factory=list)
    left: list[Change] = field(default_factory=list)

    def fix_text(self, column: str, *, spans: object = ()) -> EditedText | None:
        """Fix a text; None where the column holds none.

        Args:
            column: of the text.
            spans: the entities or answers in it, as they are given; an edit stays out where one of
                them begins or ends inside it.
        """
        text = self.fields.get(column)
        if not isinstance(text, str):
            return None
        edited = certain_edits(text, offsets=_offsets(spans))
        for each in edited.edits:
            self.changes.append((each.kind, f"{column}, characters {each.start}-{each.end}"))
        self.fields[column] = edited.text
        return edited

    def fix_labels(self) -> None:
        """Write out lists that were printed as text, and fix the spelling of each label."""
        if self.printed is not None:
            unfolded = self.printed.unfold(self.fields, self.columns)
            if unfolded != self.fields:
                self.changes.append(("printed-label", "written out"))
            self.fields = unfolded
        for column in (self.columns.label, self.columns.labels):
            self._fix_label_column(column)

    def _fix_label_column(self, column: str) -> None:
        value = self.fields.get(column)
        if isinstance(value, float) and math.isnan(value):
            self.fields[column] = None  # JSON has no NaN
        if isinstance(value, str) and self.columns.separator is None:
            self.fields[column] = self.fix_label(value)
        elif isinstance(value, str):
            fixed = [self.fix_label(part) for part in value.split(self.columns.separator)]
            self.fields[column] = (self.columns.separator or "").join(fixed)
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            self.fields[column] = list(dict.fromkeys(self.fix_label(each) for each in value))

    def fix_label(self, label: str) -> str:
        """A label as it is spelled in the copy."""
        stripped = label.strip()
        fixed = self.labels.get(stripped, stripped)
        if fixed != label:
            kind = "quoted-label" if bare_label(stripped) == fixed != stripped else "labels-alike"
            self.changes.append((kind, f"{label!r} is {fixed!r}"))
        return fixed

    def with_whole_offsets(self, item: dict[str, Any]) -> dict[str, Any]:
        """A copy of an entity or answer whose ``"7"`` and ``7.0`` are 7."""
        found = {name: whole_number(item.get(name)) for name in ("start", "end")}
        written = {name: number for name, number in found.items() if number is not None}
        for name, number in written.items():
            self.changes.append(("unreadable", f"{name} is the number {number}"))
        return {**item, **written}

    def settle(self, edited: EditedText, start: int, end: int) -> tuple[int, int]:
        """Where a span lies now, without white space at its edges.

        A span with white space at one edge that cuts a word at the other has shifted as a whole:
        removing the white space would only hide that.
        """
        now = edited.moved(start), edited.moved(end)
        if edited.before[start:end] == edited.before[start:end].strip():
            return now
        trimmed = trim_space(edited.text, *now)
        if not on_words(edited.text, *trimmed):
            self.left.append(("span-whitespace", f"{start}-{end} begins or ends inside a word"))
            return now
        self.changes.append(("span-whitespace", f"{start}-{end} is {trimmed[0]}-{trimmed[1]}"))
        return trimmed


def _offsets(spans: object) -> set[int]:
    """Where entities or answers begin and end."""
    found: set[int] = set()
    for item in spans if isinstance(spans, list) else ():
        start = item.get("start") if isinstance(item, dict) else None
        if isinstance(start, int):
            end = item.get("end", start + len(str(item.get("text", ""))))
            found |= {start, end} if isinstance(end, int) else {start}
    return found
