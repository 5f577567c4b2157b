"""Annotations: what labelling tools export, as rows in the native form.

A row has one label if every annotated row has exactly one, else a list of labels: a tool's export
does not say which was meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from burnish.data.columns import Columns
from burnish.data.fields import task_hint
from burnish.data.records import Item, Record, Skip
from burnish.errors import DataError
from burnish.tasks.shapes import Shape

__all__ = ["Annotated", "annotated_records", "strings", "unannotated", "utf16_span", "wrong_shape"]

Fields = Callable[["Annotated"], Mapping[str, object] | None]
"""The columns of what was annotated in a record; None where nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """A record, and what was annotated in it."""

    record: Record
    text: object
    found: tuple[object, ...] = ()
    """Annotations of the shape that is read: label names, entities in the native form, or a
    score."""
    others: Shape | None = None
    """Another shape, of which something was annotated."""


def annotated_records(
    items: Iterable[Annotated | Skip | DataError], columns: Columns, *, shape: Shape
) -> Iterator[Item]:
    """The rows with their annotations of one shape, in order.

    Raises:
        DataError: nothing but another shape was annotated.
    """
    held = list(items)
    annotated = [item for item in held if isinstance(item, Annotated)]
    if not any(item.found for item in annotated):
        for each in annotated:
            if each.others:
                raise DataError(*wrong_shape(shape, each.others), file=each.record.path)
    fields = _FIELDS[shape](columns, annotated)
    for item in held:
        yield _native(item, columns, fields) if isinstance(item, Annotated) else item


def unannotated(record: Record, columns: Columns, text: object) -> Skip:
    """The row is left out, as nobody has annotated it yet."""
    fields = {**record.fields, columns.text: text}
    return Skip(id=record.id, reason="no annotation", record=replace(record, fields=fields))


def wrong_shape(shape: Shape, found: Shape) -> tuple[str, str]:
    """Message and hint where a tool's export has only what another shape holds."""
    hint = f"these rows are for another task: {task_hint(found)}"
    return f"has {_NAMES[found]} and no {_NAMES[shape]}", hint


def utf16_span(text: str, start: int, end: int, covered: object) -> tuple[int, int]:
    """Offsets in code points of a span that a browser has counted in UTF-16 units.

    They are taken as they are where the covered text does not lie there by that counting.
    """
    if text.isascii() or not isinstance(covered, str) or not 0 <= start <= end:
        return start, end
    units = text.encode("utf-16-le", "surrogatepass")
    try:
        before = units[: 2 * start].decode("utf-16-le")
        inside = units[2 * start : 2 * end].decode("utf-16-le")
    except UnicodeDecodeError:
        return start, end
    return (len(before), len(before) + len(inside)) if inside == covered else (start, end)


def strings(record: Record, value: object, *, what: str) -> tuple[str, ...]:
    """A string, or a list of strings.

    Raises:
        DataError: it is neither.
    """
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Sequence) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise record.error(f"{what} is not a string or a list of strings", "export the rows again")


def _native(item: Annotated, columns: Columns, fields: Fields) -> Item:
    """The record with what was annotated, in columns of its own; a Skip where nothing was."""
    found = fields(item)
    if found is None:
        return unannotated(item.record, columns, item.text)
    held = {columns.label, columns.labels}
    others = {name: value for name, value in item.record.fields.items() if name not in held}
    return replace(item.record, fields={**others, columns.text: item.text, **found})


def _label_fields(columns: Columns, annotated: Sequence[Annotated]) -> Fields:
    if any(len(item.found) > 1 for item in annotated):
        return lambda item: {columns.labels: list(item.found)}
    return lambda item: {columns.label: item.found[0]} if item.found else None


def _span_fields(columns: Columns, _: Sequence[Annotated]) -> Fields:
    return lambda item: {columns.entities: list(item.found)}


def _score_fields(columns: Columns, _: Sequence[Annotated]) -> Fields:
    return lambda item: {columns.score: item.found[0]} if item.found else None


_FIELDS: Mapping[Shape, Callable[[Columns, Sequence[Annotated]], Fields]] = {
    Shape.LABELS: _label_fields,
    Shape.SPANS: _span_fields,
    Shape.SCORES: _score_fields,
}
_NAMES = {
    Shape.LABELS: "labels of whole texts",
    Shape.SPANS: "spans of the texts",
    Shape.SCORES: "ratings of whole texts",
}
"""The shapes that tools annotate."""
