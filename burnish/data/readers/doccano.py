"""doccano: its JSON Lines exports, of text classification and of sequence labelling.

Its shapes differ by version: ``label``, ``labels`` or ``entities`` is a list of strings, of
``[start, end, label]``, or of objects with ``start_offset`` and ``end_offset``. The ``relations``
beside them are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import (
    Annotated,
    annotated_records,
    strings,
    unannotated,
    wrong_shape,
)
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.records import Item, Record, Skip, make_each
from burnish.tasks.shapes import Shape

__all__ = ["read_doccano"]

_HINT = 'doccano writes [[start, end, "label"], …] or [{"start_offset": …}, …]'


def read_doccano(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A project's rows.

    A line that is not of doccano's shape is a DataError in its place.
    """
    annotated = partial(_annotated, columns=columns, shape=shape)
    return annotated_records(make_each(read_jsonl(path, columns), annotated), columns, shape=shape)


def _annotated(record: Record, columns: Columns, shape: Shape) -> Annotated | Skip:
    fields = record.fields
    # Versions before 1.6 call the text "data" in some exports.
    text = fields.get(columns.text, fields.get("data"))
    given = fields.get("entities", fields.get("label", fields.get("labels")))
    if given is None:
        return unannotated(record, columns, text)
    return Annotated(record=record, text=text, found=_READ[shape](record, given))


def _choices(record: Record, given: object) -> tuple[str, ...]:
    if isinstance(given, list) and any(isinstance(each, list | dict) for each in given):
        raise record.error(*wrong_shape(Shape.LABELS, Shape.SPANS))
    return strings(record, given, what="'label'")


def _spans(record: Record, given: object) -> tuple[dict[str, object], ...]:
    if not isinstance(given, list):
        raise record.error("the entities are not a list", _HINT)
    return tuple(_span(record, item) for item in given)


def _span(record: Record, item: object) -> dict[str, object]:
    if isinstance(item, list) and len(item) == 3:
        return dict(zip(("start", "end", "label"), item, strict=True))
    if isinstance(item, dict) and {"start_offset", "end_offset", "label"} <= item.keys():
        return {
            "start": item["start_offset"],
            "end": item["end_offset"],
            "label": item["label"],
        }
    if isinstance(item, dict) and "start" in item:
        return item
    if isinstance(item, str):
        raise record.error(*wrong_shape(Shape.SPANS, Shape.LABELS))
    raise record.error("an entity is not of doccano's shape", _HINT)


_READ: Mapping[Shape, Callable[[Record, object], tuple[object, ...]]] = {
    Shape.LABELS: _choices,
    Shape.SPANS: _spans,
}
