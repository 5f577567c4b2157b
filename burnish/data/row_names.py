"""Row names: a column of IDs (``data.id``) that findings, errors and predictions say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from burnish.data.columns import Columns
from burnish.data.fields import type_name
from burnish.data.label_forms import label_text
from burnish.data.records import Item, Record, missing_column, require_unicode
from burnish.errors import DataError

__all__ = ["name_rows"]

_LONGEST = 200
"""Characters: a longer one is a text."""


def name_rows(items: Iterable[Item], columns: Columns, *, strict: bool = True) -> Iterator[Item]:
    """The rows under the names that their column of IDs gives them, if there is one.

    A row's id is then ``file name:ID``. A row without an ID, or with that of an earlier row, is a
    DataError in its place.

    Args:
        items: of one file.
        columns: ``columns.id`` names the column.
        strict: False leaves such a row as it is.
    """
    if columns.id is None:
        yield from items
        return
    seen: dict[str, str] = {}
    for item in items:
        if not isinstance(item, Record):
            yield item
            continue
        try:
            yield _named(item, columns.id, seen)
        except DataError as error:
            yield error if strict else item


def _named(record: Record, column: str, seen: dict[str, str]) -> Record:
    if column not in record.fields:
        raise record.error(*missing_column(column, record.fields, recipe_key="id"))
    value = record.fields[column]
    name = label_text(value)
    if name is None or isinstance(value, bool):
        hint = "write a string or a whole number"
        raise record.error(f"the ID in {column!r} is {type_name(value)}", hint)
    if not name:
        hint = "give every row an ID of its own, or leave out data.id"
        raise record.error(f"the row has no ID in {column!r}", hint)
    if len(name) > _LONGEST:
        hint = "name the column of the IDs: data.id: NAME"
        raise record.error(f"the ID in {column!r} has {len(name)} characters", hint)
    require_unicode(record, column, name)
    line = f"line {record.line}" if record.line is not None else ""
    place = ", ".join(filter(None, (line, record.name)))
    first = seen.setdefault(name, place)
    if first != place:
        hint = "give every row an ID of its own, or leave out data.id"
        raise record.error(f"the ID {name!r} in {column!r} is also that of {first}", hint)
    shown = ", ".join(filter(None, (record.name, name)))
    return replace(record, position=name, name=shown, place=place)
