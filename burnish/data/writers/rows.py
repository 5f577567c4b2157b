"""Noted rows: texts with their marks, and the project of a labelling tool that they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from burnish.errors import DataError
from burnish.tasks.marks import Marks, SpanMark
from burnish.tasks.shapes import Shape

__all__ = [
    "NotedRow",
    "Project",
    "checked_rows",
    "refuse_mark",
    "refuse_overlaps",
    "refuse_zero",
    "refused",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRow:
    """A text with its marks."""

    id: str
    """Its name, for messages and for the tools that keep one."""
    text: str
    marks: Marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What a tool has to know besides the rows."""

    shape: Shape
    """What its rows are marked with: labels of whole texts, spans or scores."""
    labels: tuple[str, ...] = ()
    """Every label that a person may choose, in order; those of the rows where none is given."""
    several: bool = False
    """A text may have several labels."""
    model: str = "burnish"
    """The name and version of the model, for the tools that keep it."""
    gold: bool = False
    """A person made the marks: they are annotations, not predictions to be looked at."""


def refused(row: NotedRow, message: str, hint: str) -> DataError:
    """The error of a row that a form cannot hold."""
    return DataError(message, hint, place=f"row {row.id}", row=row.id)


def checked_rows(rows: Iterable[NotedRow], project: Project) -> Iterator[NotedRow]:
    """The rows with their spans in order, each of them a stretch of its text.

    Raises:
        DataError: a text is not Unicode, or a span is outside its text.
    """
    for row in rows:
        if not row.text.isascii():
            _check_unicode(row)
        spans = row.marks.spans if project.shape is Shape.SPANS else ()
        for span in spans:
            if not 0 <= span.start < span.end <= len(row.text):
                raise refused(
                    row,
                    f"an entity from {span.start} to {span.end} is outside the text, which has "
                    f"{len(row.text)} characters",
                    "offsets count Unicode code points from 0, ends exclusive",
                )
        ordered = tuple(sorted(spans, key=lambda span: (span.start, span.end, span.label)))
        yield replace(row, marks=replace(row.marks, spans=ordered))


def _check_unicode(row: NotedRow) -> None:
    try:
        row.text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise refused(
            row,
            f"the text holds half of a surrogate pair at character {error.start}",
            "write the whole character, or remove it there",
        ) from None


def refuse_overlaps(row: NotedRow, form: str) -> None:
    """Refuse spans that share characters, where a form has one mark per character.

    Raises:
        DataError: two overlap.
    """
    for before, after in pairwise(row.marks.spans):
        if after.start < before.end:
            raise refused(
                row,
                f"entities {_place(before)} and {_place(after)} overlap, which {form} cannot hold",
                "keep one of them, or choose a form that holds both: label-studio, brat",
            )


def _place(span: SpanMark) -> str:
    return f"{span.start}-{span.end} {span.label!r}"


def refuse_zero(row: NotedRow, form: str) -> None:
    """Refuse a text with U+0000, for which readers take a plain file to be binary.

    Raises:
        DataError: it has one.
    """
    place = row.text.find("\0")
    if place >= 0:
        raise refused(
            row,
            f"the text holds the character U+0000 at {place}, which {form} cannot hold",
            "remove it: burnish check --fix does",
        )


def refuse_mark(row: NotedRow, form: str) -> None:
    """Refuse a text that begins with a byte order mark, which readers of plain files leave out.

    Raises:
        DataError: it does.
    """
    if row.text.lstrip().startswith("\ufeff"):
        raise refused(
            row,
            f"the text begins with a byte order mark (U+FEFF), which {form} cannot hold",
            "remove it: burnish check --fix does",
        )
