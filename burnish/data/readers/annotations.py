"""Annotations: what labelling tools export, as rows in the native form.

One label a row where every annotated row has exactly one, else a list of labels a row: a tool's
export does not say which was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, Skip, parse_json
from burnish.data.source import read_lines
from burnish.errors import DataError

__all__ = ["Annotated", "annotated_records", "read_list", "strings", "utf16_span"]

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
            yield Skip(id=item.record.id, reason="no annotation")


def read_list(path: Path, what: str) -> Iterator[Record | DataError]:
    """The objects of a file that is one JSON list, each as a record of its fields as they are.

    Raises:
        DataError: it is not one list.
    """
    text = "".join(line for _, line in read_lines(path))
    document = parse_json(text, path=path, line=None)
    hint = f"export it from {what} as JSON again"
    if not isinstance(document, list):
        raise DataError(f"is no {what} export: the document is not a list", hint, file=path)
    for number, item in enumerate(document, start=1):
        record = Record(
            path=path, line=None, position=str(number), fields={}, name=f"record {number}"
        )
        if isinstance(item, dict):
            yield replace(record, fields=item)
        else:
            yield record.error("it is not an object", hint)


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


def _with(item: Annotated, columns: Columns, found: Mapping[str, object]) -> Record:
    """The record with what was annotated in the place of the columns that held it."""
    held = {columns.label, columns.labels}
    others = {name: value for name, value in item.record.fields.items() if name not in held}
    return replace(item.record, fields={**others, columns.text: item.text, **found})
