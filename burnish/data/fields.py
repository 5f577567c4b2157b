"""Fields: values of a record as texts, labels, groups, offsets and lists of objects, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from burnish.data.columns import Columns
from burnish.data.label_forms import label_text, printed_list
from burnish.data.records import (
    Record,
    UnlabelledError,
    missing_column,
    require_unicode,
    whole_number,
)
from burnish.data.source import MAX_ROW_BYTES, TOO_LONG
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.shapes import Shape
from burnish.tasks.table import tasks_of

__all__ = [
    "COUNTED",
    "is_blank",
    "name_label",
    "read_group",
    "read_label",
    "read_objects",
    "read_offset",
    "read_text",
    "refuse_printed",
    "task_hint",
    "type_name",
    "unlabelled_error",
    "where_found",
]

COUNTED = "offsets count Unicode code points from 0"
"""What an offset is, for a hint."""


def read_text(record: Record, column: str, *, recipe_key: str) -> str:
    """The text of a column; empty where it is null.

    Raises:
        DataError: the column does not exist, or its value is not a string, too long, or not
            Unicode.
    """
    if column not in record.fields:
        raise record.error(*missing_column(column, record.fields, recipe_key=recipe_key))
    value = record.fields[column]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise record.error(f"{column!r} is {type_name(value)}, not a string", "put it in quotes")
    return _clean(record, column, value)


def _clean(record: Record, column: str, value: str) -> str:
    if len(value) > MAX_ROW_BYTES:
        raise record.error(f"{column!r} is too long: {TOO_LONG[0]}", TOO_LONG[1])
    return require_unicode(record, column, value)


def read_label(record: Record, value: object, *, no_label: Collection[str]) -> str:
    """The label that a value names.

    Raises:
        DataError: it is not a name, is empty, or is a list that was printed as text.
        UnlabelledError: it is one of ``no_label``.
    """
    label = label_text(value)
    if label is None:
        lists = "write several labels of a row as a list under 'labels'"
        named = "a label is a name: write the class instead of its number"
        hint = lists if isinstance(value, list) else named
        raise record.error(f"a label is {type_name(value)}, not a string", hint)
    label = _clean(record, "label", label)
    refuse_printed(record, label)
    if not label:
        raise record.error("a label is empty", "write it, or remove it", kind="no-label")
    if label in no_label:
        raise unlabelled_error(record, label)
    return label


def name_label(record: Record, value: object, names: Sequence[str]) -> object:
    """The name of a label that is a number; another value, or -1 (none), as it is.

    Raises:
        DataError: the number has no name.
    """
    number = value if isinstance(value, int) else whole_number(value)
    if isinstance(value, bool) or number is None:
        if isinstance(value, str) and value.strip() == "-1":
            return None
        return value
    if number == -1:
        return None
    if not 0 <= number < len(names):
        hint = plural(
            len(names), "data.label_names has # [name|names], counted from 0: add the others"
        )
        raise record.error(f"the label {number} has no name", hint)
    return names[number]


def refuse_printed(record: Record, text: str) -> None:
    """Refuse a list that was printed as text.

    Raises:
        DataError: it is one.
    """
    labels = printed_list(text)
    if labels is None:
        return
    one = f"write {labels[0]}" if len(labels) == 1 else 'write the list as JSON: ["one", "two"]'
    raise record.error(
        f"{text!r} is a list that was printed as text, not a label",
        f"{one}; burnish check --fix does so in a copy of the file",
        kind="printed-label",
    )


def is_blank(value: object) -> bool:
    """Whether a cell of labels is empty; an empty list says that no label applies."""
    if isinstance(value, list):
        return bool(value) and all(map(is_blank, value))
    return value is None or (isinstance(value, str) and not value.strip())


def unlabelled_error(record: Record, mark: str = "", *, what: str = "a label") -> DataError:
    """The error of a row without a label.

    Args:
        record: the row.
        mark: the value that means "no label"; empty where there is none.
        what: what the row lacks.
    """
    hint = f"add {what}, or remove the row, or set data.unlabelled: leave_out"
    message = "the row has no label"
    if mark:
        message = f"{mark!r} means no label"
        hint += "; if it is a class, set data.no_label: ''"
    return record.error(message, hint, kind="no-label", of=UnlabelledError)


def read_group(record: Record, columns: Columns) -> str | None:
    """The value of the column that keeps rows together; None where no column does.

    Raises:
        DataError: there is no such column, or the row has no group.
    """
    if columns.group is None:
        return None
    if columns.group not in record.fields:
        raise record.error(*missing_column(columns.group, record.fields, recipe_key="group"))
    value = record.fields[columns.group]
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        message = f"the group {columns.group!r} is {type_name(value)}"
        raise record.error(message, "give the row a group: a string or a whole number")
    return _clean(record, columns.group, str(value))


def read_objects(record: Record, column: str, shape: str) -> list[Mapping[str, object]]:
    """The entities or answers of a row, not checked one by one.

    Args:
        record: the row.
        column: of the list.
        shape: of one of them, for an error.

    Raises:
        DataError: it is not a list of objects.
        UnlabelledError: it is null.
    """
    if column not in record.fields:
        message, hint = missing_column(column, record.fields, recipe_key=column)
        raise record.error(message, f"{hint}; a row with none has an empty list: {column!r}: []")
    value = record.fields[column]
    if value is None:
        raise unlabelled_error(record, what=f"an empty list where there is none: {column!r}: []")
    if not isinstance(value, list):
        raise record.error(
            f"{column!r} is {type_name(value)}, not a list", f"write [{shape}], or []"
        )
    for item in value:
        if not isinstance(item, dict):
            raise record.error(f"{column!r} holds {type_name(item)}", f"write each as {shape}")
    return value


def where_found(text: str, part: str) -> str:
    """The end of a hint: where a part first occurs in a text, if anywhere."""
    found = text.find(part)
    return "" if found < 0 else f"; it is found at {found}"


def read_offset(record: Record, item: Mapping[str, object], name: str) -> int:
    """An offset of an entity or an answer.

    Raises:
        DataError: it is absent, or no whole number.
    """
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        found = type_name(value) if name in item else "absent"
        hint = COUNTED
        if whole_number(value) is not None:
            hint = "write the number without quotes or decimals (--fix does)"
        raise record.error(f"{name!r} is {found}, not a whole number", hint)
    return value


def task_hint(shape: Shape) -> str:
    """What to do with rows of a shape: read them for the first task that has it."""
    name = tasks_of(shape)[0]
    return f"use --task {name}, in a recipe task: {name}"


def type_name(value: object) -> str:
    """What a value is, for an error: ``a number``, ``a list``."""
    names = {type(None): "null", bool: "true or false", int: "a number", float: "a number"}
    names |= {str: "an empty string" if value == "" else "a string"}
    return (names | {list: "a list", dict: "an object"}).get(type(value), "of another type")
