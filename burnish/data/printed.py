"""Printed lists of labels, ``['late', 'damaged']`` in one cell, and what they are in a copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from burnish.data.columns import Columns
from burnish.data.label_forms import printed_list
from burnish.data.records import Record

__all__ = ["PrintedLabels", "find_printed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedLabels:
    """How the rows of a file with printed lists are written."""

    several: bool
    """A list of labels per row, as one row has more than one; else one label per row."""

    def unfold(self, fields: Mapping[str, object], columns: Columns) -> dict[str, object]:
        """The row with its labels written out; its other fields as they are."""
        named = (n for n in (columns.label, columns.labels) if isinstance(fields.get(n), str))
        name = next(named, None)
        if name is None:
            return dict(fields)
        text = _text(fields[name]).strip()
        labels = printed_list(text)
        if labels is None:
            parts = text.split(columns.separator) if columns.separator else [text]
            labels = tuple(filter(None, (part.strip() for part in parts)))
        rest = {key: value for key, value in fields.items() if key != name}
        if not self.several:
            return {**rest, columns.label: labels[0] if labels else None}
        unknown = not text or text in columns.no_label
        return {**rest, columns.labels: None if unknown else list(dict.fromkeys(labels))}


def find_printed(records: Iterable[Record], columns: Columns) -> PrintedLabels | None:
    """How the printed lists of a file are to be written; None where it has none."""
    lists = [
        found
        for record in records
        for name in (columns.label, columns.labels)
        if (found := printed_list(_text(record.fields.get(name)))) is not None
    ]
    return PrintedLabels(several=any(len(each) > 1 for each in lists)) if lists else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
