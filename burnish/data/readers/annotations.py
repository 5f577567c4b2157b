"""Annotations: what labelling tools export, as rows in the native form.

One label a row where every annotated row has exactly one, else a list of labels a row: a tool's
export does not say which was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, Skip
from burnish.errors import DataError

__all__ = ["Annotated", "annotated_records", "strings", "unannotated", "utf16_span", "wrong_task"]

Object = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """A record, and what was annotated in it."""

    record: Record
    text: object
    choices: tuple[str, ...] = ()
    """Labels of the text."""
    spans: tuple[Object, ...] = ()
    """Entities in the native form."""


def annotated_records(
    items: Iterable[Annotated | Skip | DataError], columns: Columns, *, task: str
) -> Iterator[Item]:
    """The rows for a task, in order."""
    held = list(items)
    found = [item for item in held if isinstance(item, Annotated)]
    if found and not any(_wanted(item, task) for item in found):
        for each in found:
            if each.spans or each.choices:
                raise DataError(*wrong_task(task), file=each.record.path)
    several = any(isinstance(item, Annotated) and len(item.choices) > 1 for item in held)
    for item in held:
        if not isinstance(item, Annotated):
            yield item
        elif task == "extraction":
            yield _with(item, columns, {columns.entities: list(item.spans)})
        elif several:
            yield _with(item, columns, {columns.labels: list(item.choices)})
        elif item.choices:
            yield _with(item, columns, {columns.label: item.choices[0]})
        else:
            yield unannotated(item.record, columns, item.text)


def unannotated(record: Record, columns: Columns, text: object) -> Skip:
    """The row is left out, as nobody has annotated it yet."""
    fields = {**record.fields, columns.text: text}
    return Skip(id=record.id, reason="no annotation", record=replace(record, fields=fields))


def wrong_task(task: str) -> tuple[str, str]:
    """Message and hint where a tool's export has only what another task needs."""
    other = "extraction" if task == "classification" else "classification"
    found, wanted = "spans of the texts", "labels of whole texts"
    if task == "extraction":
        found, wanted = wanted, found
    hint = f"these rows are for another task: use --task {other}, in a recipe task: {other}"
    return f"has {found} and no {wanted}", hint


def utf16_span(text: str, start: int, end: int, covered: object) -> tuple[int, int]:
    """Offsets in code points of a span that a browser may have counted in UTF-16 units.

    They are taken as they are unless the covered text says otherwise.
    """
    if text.isascii() or not isinstance(covered, str) or text[start:end] == covered:
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


def _wanted(item: Annotated, task: str) -> bool:
    return bool(item.spans if task == "extraction" else item.choices)


def _with(item: Annotated, columns: Columns, found: Mapping[str, object]) -> Record:
    """The record with what was annotated in the place of the columns that held it."""
    held = {columns.label, columns.labels}
    others = {name: value for name, value in item.record.fields.items() if name not in held}
    return replace(item.record, fields={**others, columns.text: item.text, **found})
