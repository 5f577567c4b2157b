"""Prodigy: the JSON Lines that ``prodigy db-out`` writes (https://prodi.gy/docs/api-interfaces).

Rows that were rejected or ignored are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import Annotated, annotated_records, strings
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.records import Record, Skip

__all__ = ["read_prodigy"]

_REASONS = {"reject": "rejected", "ignore": "ignored"}


def read_prodigy(path: Path, columns: Columns, *, task: str) -> Iterator[Record | Skip]:
    """A dataset's accepted rows: ``accept`` or ``label`` for texts, ``spans`` for entities.

    Raises:
        DataError: a line is not JSON, or not of Prodigy's shape.
    """
    return annotated_records(_items(path, columns), columns, task=task)


def _items(path: Path, columns: Columns) -> Iterator[Annotated | Skip]:
    for record in read_jsonl(path, columns):
        if isinstance(record, Skip):
            yield record
            continue
        answer = record.fields.get("answer", "accept")
        if answer != "accept":
            yield Skip(id=record.id, reason=_REASONS.get(str(answer), "not accepted"))
            continue
        yield Annotated(
            record=record,
            text=record.fields.get(columns.text),
            choices=_choices(record),
            spans=_spans(record),
        )


def _choices(record: Record) -> tuple[str, ...]:
    fields = record.fields
    given = fields.get("accept", fields.get("label"))
    return () if given is None else strings(record, given, what="'accept' or 'label'")


def _spans(record: Record) -> tuple[dict[str, object], ...]:
    spans = record.fields.get("spans") or []
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        raise record.error("'spans' is not a list of objects", "export with prodigy db-out")
    return tuple(
        {name: span[name] for name in ("start", "end", "label", "text") if name in span}
        for span in spans
    )
