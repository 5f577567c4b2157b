"""Standoff: documents whose annotations point into their text, as one row per sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Record

__all__ = ["Document", "Located", "sentence_records", "utf16_places"]


@dataclass(frozen=True, slots=True)
class Located:
    """A labelled stretch; ``end`` exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its sentences and entities, offsets in code points."""

    text: str
    sentences: Sequence[tuple[int, int]]
    """In order, not overlapping; where there is none, the document is one row."""
    entities: Sequence[Located]


def utf16_places(text: str) -> Sequence[int | None]:
    """The code point at each UTF-16 offset of a text, its end included; None inside one."""
    if text.isascii():
        return range(len(text) + 1)
    places: list[int | None] = []
    for index, character in enumerate(text):
        places.append(index)
        if ord(character) > 0xFFFF:
            places.append(None)
    return [*places, len(text)]


def sentence_records(path: Path, document: Document, columns: Columns) -> Iterator[Record]:
    """A record per sentence; sentences that an entity goes through are one."""
    entities = sorted(document.entities, key=lambda each: (each.start, each.end))
    first = 0
    for number, (start, end) in enumerate(_rows(document, entities), start=1):
        last = first
        while last < len(entities) and entities[last].start < end:
            last += 1
        yield Record(
            path=path,
            line=None,
            position=str(number),
            name=f"sentence {number}" if document.sentences else "the document",
            fields={
                columns.text: document.text[start:end],
                columns.entities: [
                    {"start": each.start - start, "end": each.end - start, "label": each.label}
                    for each in entities[first:last]
                ],
            },
        )
        first = last


def _rows(document: Document, entities: Sequence[Located]) -> list[tuple[int, int]]:
    """The stretches that become rows: every entity lies in one of them."""
    rows: list[tuple[int, int]] = []
    sentences = [*document.sentences] or [(0, len(document.text))]
    for start, end in sorted([*sentences, *((each.start, each.end) for each in entities)]):
        if rows and start < rows[-1][1]:
            rows[-1] = (rows[-1][0], max(rows[-1][1], end))
        elif start < end:
            rows.append((start, end))
    return rows
