"""doccano: its JSON Lines exports, of text classification and of sequence labelling.

Three shapes, by its version: ``label`` or ``labels`` as a list of strings or of
``[start, end, label]``, and ``entities`` with ``start_offset`` and ``end_offset``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.readers.annotations import Annotated, annotated_records, strings
from burnish.data.readers.jsonl import read_jsonl
from burnish.data.records import Record, Skip

__all__ = ["read_doccano"]

_HINT = 'doccano writes [[start, end, "label"], …] or [{"start_offset": …}, …]'


def read_doccano(path: Path, columns: Columns, *, task: str) -> Iterator[Record | Skip]:
    """A project's rows.

    Raises:
        DataError: a line is not JSON, or not of doccano's shape.
    """
    return annotated_records(_items(path, columns, task), columns, task=task)


def _items(path: Path, columns: Columns, task: str) -> Iterator[Annotated | Skip]:
    for record in read_jsonl(path, columns):
        if isinstance(record, Skip):
            yield record
            continue
        fields = record.fields
        # Versions before 1.6 call the text "data" in some exports.
        text = fields.get(columns.text, fields.get("data"))
        given = fields.get("entities", fields.get("label", fields.get("labels")))
        if given is None:
            yield Skip(id=record.id, reason="no annotation")
        elif task == "extraction":
            yield Annotated(record=record, text=text, spans=_spans(record, given))
        else:
            choices = strings(record, given, what="'label'")
            yield Annotated(record=record, text=text, choices=choices)


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
    raise record.error("an entity is not of doccano's shape", _HINT)
