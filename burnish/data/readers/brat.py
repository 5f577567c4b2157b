"""brat: standoff annotations (https://brat.nlplab.org/standoff.html), ``.ann`` beside ``.txt``.

A file gives one row, a directory one per pair. Text-bound annotations are entities; relations,
events, attributes, normalizations and notes are not read. Offsets count code points.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record
from burnish.data.source import check_regular, read_document, read_lines
from burnish.errors import DataError

__all__ = ["brat_files", "brat_notes", "read_brat"]

_ENTITY = re.compile(
    r"(?P<id>T\S*)\t(?P<label>\S+) (?P<at>\d{1,9} \d{1,9}(?:;\d{1,9} \d{1,9})*)(?:\t(?P<text>.*))?",
    re.DOTALL,
)
_KINDS = {
    "R": "relations",
    "*": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalizations",
    "#": "notes",
}
"""Lines that are not read, by their first character."""


def read_brat(path: Path, columns: Columns) -> Iterator[Item]:
    """A row per document: the text as it is in the file, line ends included.

    A document with a wrong line, or with an entity in several pieces that are parts of the text
    with words between them, is a DataError in its place.
    """
    for ann in _annotations(path):
        try:
            yield _record(ann, path, columns)
        except DataError as error:
            if error.row == "":
                error.row = f"{path.name}:{ann.stem}"
            yield error


def brat_files(path: Path) -> list[Path]:
    """Every file of a directory that is read, annotations and texts, by name."""
    pairs = [(ann, ann.with_suffix(".txt")) for ann in _annotations(path)]
    return [each for pair in pairs for each in pair if each.is_file()]


def brat_notes(path: Path, _: Columns) -> tuple[str, ...]:
    """What the documents hold that is not read, counted."""
    found: Counter[str] = Counter()
    for ann in _annotations(path):
        found.update(_KINDS[line[0]] for _, line in read_lines(ann) if line[:1] in _KINDS)
    listed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(found.items()))
    return (f"entities are read; not read: {listed}",) if listed else ()


def _annotations(path: Path) -> list[Path]:
    return sorted(path.glob("*.ann")) if path.is_dir() else [path]


def _record(ann: Path, source: Path, columns: Columns) -> Record:
    beside = ann.with_suffix(".txt")
    if not beside.is_file():
        raise DataError(
            f"has no text: there is no {beside.name} beside it",
            "put the document there, or name the directory that holds both",
            file=ann,
        )
    check_regular(beside)
    text = read_document(beside)
    single = not source.is_dir()
    record = Record(
        path=ann,
        line=None,
        position="1" if single else ann.stem,
        name="the document" if single else ann.stem,
        fields={},
    )
    entities = []
    for number, line in read_lines(ann):
        if line.startswith("T"):
            entities.append(_entity(ann, number, line.rstrip("\r\n"), text))
        elif line.strip() and line[0] not in _KINDS:
            raise DataError(
                "the line is not an annotation of brat's",
                "write each entity as: T1, a tab, LABEL START END, a tab, its text",
                file=ann,
                line=number,
            )
    given: dict[str, object] = {columns.text: text, columns.entities: entities}
    return Record(
        path=record.path, line=None, position=record.position, name=record.name, fields=given
    )


def _entity(ann: Path, number: int, line: str, text: str) -> dict[str, object]:
    found = _ENTITY.fullmatch(line)
    if found is None:
        raise DataError(
            "the entity is not of brat's form",
            "write it as: T1, a tab, LABEL START END, a tab, its text",
            file=ann,
            line=number,
        )
    pieces = [tuple(map(int, piece.split())) for piece in found["at"].split(";")]
    start, end = pieces[0][0], pieces[-1][1]
    for (_, before), (after, _) in itertools.pairwise(pieces):
        if text[before:after].strip() or after < before:
            raise DataError(
                f"the entity {found['id']} is in several pieces, with words between them that do "
                "not belong to it",
                "entities are one stretch of the text: annotate each piece, or all of it, or "
                "remove the line",
                file=ann,
                line=number,
            )
    entity: dict[str, object] = {"start": start, "end": end, "label": found["label"]}
    if len(pieces) == 1 and found["text"] is not None:
        entity["text"] = found["text"]
    return entity
