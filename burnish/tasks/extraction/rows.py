"""Rows of an extraction: a record becomes a text with entities."""

from __future__ import annotations

from itertools import pairwise

from burnish.data.columns import Columns
from burnish.data.fields import (
    ENTITY,
    read_group,
    read_objects,
    read_span,
    read_text,
)
from burnish.data.records import Record, Skip
from burnish.data.subgroups import SubgroupReader
from burnish.tasks.extraction.example import ExtractionExample

__all__ = ["ExtractionBuilder"]


class ExtractionBuilder:
    """``{"text", "entities": [{"start", "end", "label"}]}``, entities in any order."""

    multi_label = False
    has_spans = True

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._subgroups = SubgroupReader(columns)

    def build(self, record: Record) -> ExtractionExample | Skip:
        """The record's example, or why it has none."""
        text = read_text(record, self._columns.text, recipe_key="text")
        if not text.strip():
            return Skip(id=record.id, reason="empty text")
        entities = [
            read_span(record, item, text, no_label=self._columns.no_label)
            for item in read_objects(record, self._columns.entities, ENTITY)
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
            group=read_group(record, self._columns),
            subgroups=self._subgroups.read(record),
            text=text,
            entities=tuple(entities),
        )
