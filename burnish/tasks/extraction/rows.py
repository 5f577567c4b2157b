"""Rows of an extraction: a record becomes a text with entities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise

from burnish.data.columns import Columns
from burnish.data.fields import (
    COUNTED,
    read_group,
    read_label,
    read_objects,
    read_offset,
    read_text,
    where_found,
)
from burnish.data.records import Record, Skip
from burnish.data.shifts import SpanForm
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.extraction.example import ExtractionExample, Span
from burnish.tasks.extraction.fixes import fix_entities
from burnish.tasks.rows import TaskRows
from burnish.tasks.shapes import Shape

__all__ = ["ROWS", "ExtractionBuilder"]

_ENTITY = '{"start": 0, "end": 5, "label": "person"}'
"""How one is written, for an error."""


class ExtractionBuilder:
    """``{"text", "entities": [{"start", "end", "label"}]}``, entities in any order."""

    multi_label = False

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> ExtractionExample | Skip:
        """The record's example, or why it has none."""
        text = read_text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        entities = [
            _read_span(record, item, text, no_label=self._columns.no_label)
            for item in read_objects(record, self._columns.entities, _ENTITY)
        ]
        entities.sort(key=lambda span: (span.start, span.end))
        for before, after in pairwise(entities):
            if after.start < before.end:
                raise record.error(
                    f"entities {before.start}-{before.end} {before.label!r} and "
                    f"{after.start}-{after.end} {after.label!r} overlap",
                    "keep one of them: entities may touch, but not overlap",
                    kind="overlapping-entities",
                )
        return ExtractionExample(
            id=record.id,
            place=record.place,
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            entities=tuple(entities),
        )


def _read_span(
    record: Record, item: Mapping[str, object], text: str, *, no_label: Collection[str]
) -> Span:
    """An entity. Raises DataError: it is outside the text, not what it quotes, or has no label."""
    start, end = read_offset(record, item, "start"), read_offset(record, item, "end")
    if not 0 <= start < end <= len(text):
        raise record.error(
            f"an entity from {start} to {end} is outside the text, which has "
            f"{len(text)} characters",
            f"{COUNTED}, end exclusive: 0 <= start < end <= {len(text)}",
            kind="span-outside-text",
        )
    covered = item.get("text", item.get("word"))
    if isinstance(covered, str) and covered != text[start:end]:
        raise record.error(
            f"the entity {covered!r} is not the text from {start} to {end}: {text[start:end]!r}",
            f"correct start and end: {COUNTED}, end exclusive{where_found(text, covered)}",
            kind="entity-text-mismatch",
        )
    if "label" not in item:
        raise record.error("an entity has no label", f"write each as {_ENTITY}", kind="no-label")
    return Span(start, end, read_label(record, item["label"], no_label=no_label))


ROWS = TaskRows(
    shape=Shape.SPANS,
    texts=lambda columns: (columns.text,),
    builder=ExtractionBuilder,
    fix=fix_entities,
    spans=lambda columns: SpanForm(
        text=columns.text, items=columns.entities, noun="entities", right="fall on words"
    ),
)
