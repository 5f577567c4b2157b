"""Prodigy: the JSON Lines that ``prodigy db-out`` writes (https://prodi.gy/docs/api-interfaces).

Rows that were rejected or ignored are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import Annotated, annotated_records, strings
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.records import Item, Record, Skip, make_each
from burnish.tasks.shapes import Shape

__all__ = ["read_prodigy"]

_REASONS = {"reject": "rejected", "ignore": "ignored"}


def read_prodigy(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A dataset's accepted rows: ``accept`` or ``label`` for texts, ``spans`` for entities.

    A score is the one option of ``accept`` that was chosen, where the options are numbers; the
    tool's own ``score`` is a model's.

    A line that is not of Prodigy's shape is a DataError in its place.
    """
    annotated = partial(_annotated, columns=columns, shape=shape)
    return annotated_records(make_each(read_jsonl(path, columns), annotated), columns, shape=shape)


def _annotated(record: Record, columns: Columns, shape: Shape) -> Annotated | Skip:
    answer = record.fields.get("answer", "accept")
    if answer != "accept":
        return Skip(id=record.id, reason=_REASONS.get(str(answer), "not accepted"))
    text = record.fields.get(columns.text)
    found: dict[Shape, tuple[object, ...]] = {
        Shape.LABELS: () if shape is Shape.SCORES else _choices(record),
        Shape.SPANS: _spans(record),
        Shape.SCORES: _scores(record) if shape is Shape.SCORES else (),
    }
    wanted = found.pop(shape)
    others = next((each for each, marks in found.items() if marks), None)
    return Annotated(record=record, text=text, found=wanted, others=others)


def _choices(record: Record) -> tuple[str, ...]:
    fields = record.fields
    given = fields.get("accept", fields.get("label"))
    return () if given is None else strings(record, given, what="'accept' or 'label'")


def _scores(record: Record) -> tuple[object, ...]:
    given = record.fields.get("accept")
    if isinstance(given, list) and len(given) > 1:
        raise record.error(
            f"{len(given)} options were chosen, and a score is one of them",
            'show them with "choice_style": "single"',
        )
    return tuple(given) if isinstance(given, list) else ()


def _spans(record: Record) -> tuple[dict[str, object], ...]:
    spans = record.fields.get("spans") or []
    if not isinstance(spans, list) or not all(isinstance(span, dict) for span in spans):
        raise record.error("'spans' is not a list of objects", "export with prodigy db-out")
    return tuple(
        {name: span[name] for name in ("start", "end", "label", "text") if name in span}
        for span in spans
    )
