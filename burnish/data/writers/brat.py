"""brat: a directory of documents, each a ``.txt`` and the ``.ann`` of its entities.

Open it as a collection of a brat server: ``annotation.conf`` names the labels. Scores become notes
on the entities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from burnish.data.writers.rows import (
    NotedRow,
    Project,
    checked_rows,
    refuse_mark,
    refuse_zero,
    refused,
)
from burnish.directory import staged_directory
from burnish.tasks.marks import SpanMark

__all__ = ["BRAT_CONFIGURATION", "write_brat"]

BRAT_CONFIGURATION = "annotation.conf"
"""The file that a collection of brat's holds."""
_NAME = re.compile(r"[^\s:;,|<>\[\]{}()/\\#=]+")
"""What a type may be called in ``annotation.conf``."""
_LINE_END = re.compile(r"[\r\n\t]+")
"""A quoted text holds none: an entity is written in pieces around them."""


def write_brat(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write a pair of files per row into a new directory, and return how many rows there are."""
    labels = dict.fromkeys(project.labels)
    count = 0
    with staged_directory(path, marker=BRAT_CONFIGURATION) as folder:
        for count, row in enumerate(checked_rows(rows, project), start=1):
            refuse_mark(row, "brat")
            refuse_zero(row, "brat")
            lines = "".join(_lines(row))
            labels |= dict.fromkeys(span.label for span in row.marks.spans)
            document = folder / f"{count:06}.txt"
            document.write_bytes(row.text.encode("utf-8"))
            document.with_suffix(".ann").write_bytes(lines.encode("utf-8"))
        names = "".join(f"{label}\n" for label in labels if _NAME.fullmatch(label))
        configuration = f"[entities]\n{names}\n[relations]\n\n[events]\n\n[attributes]\n"
        (folder / BRAT_CONFIGURATION).write_text(configuration, encoding="utf-8")
    return count


def _lines(row: NotedRow) -> Iterator[str]:
    for number, span in enumerate(row.marks.spans, start=1):
        if not _NAME.fullmatch(span.label):
            raise refused(
                row,
                f"{span.label!r} cannot be the name of a type in brat",
                "rename the label without white space and punctuation, or choose another form",
            )
        pieces = list(_pieces(row.text, span))
        if pieces[0][0] != span.start or pieces[-1][1] != span.end:
            raise refused(
                row,
                f"the entity {span.start}-{span.end} {span.label!r} begins or ends with a line "
                "break or a tab, which brat cannot hold",
                "trim it: burnish check --fix does",
            )
        places = ";".join(f"{start} {end}" for start, end in pieces)
        quoted = " ".join(row.text[start:end] for start, end in pieces)
        yield f"T{number}\t{span.label} {places}\t{quoted}\n"
        if span.score is not None:
            yield f"#{number}\tAnnotatorNotes T{number}\t{span.score:.4f}\n"


def _pieces(text: str, span: SpanMark) -> Iterator[tuple[int, int]]:
    """The parts of an entity between its line breaks; one that is empty too, at its edges."""
    start = span.start
    for found in _LINE_END.finditer(text, span.start, span.end):
        if start < found.start():
            yield start, found.start()
        start = found.end()
    if start < span.end:
        yield start, span.end
