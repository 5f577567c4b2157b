"""Subgroups: the people or places that a row comes from, each of which is scored separately.

A model never learns from them: they are not part of a row's content.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from burnish.data.columns import Columns
from burnish.data.label_forms import label_text
from burnish.data.records import Record, missing_column, require_unicode
from burnish.errors import DataError
from burnish.tasks.examples import Example

__all__ = ["MOST_SUBGROUPS", "NOT_GIVEN", "SubgroupReader", "check_subgroups", "columns_of"]

NOT_GIVEN = "not given"
"""The subgroup of the rows whose value is empty."""
MOST_SUBGROUPS = 20
"""Values of one column: with more, each has few rows, and one of them may be one person."""
_LONGEST = 60
"""Characters of a value: a longer one is a text."""


def columns_of(name: str, existing: Collection[str]) -> tuple[str, ...]:
    """The columns that one name stands for: ``sex+age`` for two, unless one is called so."""
    parts = tuple(part.strip() for part in name.split("+"))
    return parts if name not in existing and all(parts) else (name,)


class SubgroupReader:
    """Reads the rows of one file.

    Args:
        columns: ``columns.subgroups`` names one column each, or several: ``sex+age``.
    """

    def __init__(self, columns: Columns) -> None:
        self._names = columns.subgroups
        self._columns: list[tuple[str, ...]] = []

    def read(self, record: Record) -> tuple[str, ...]:
        """The row's subgroup by each name, in their order; ``f, 60+`` by two columns.

        Raises:
            DataError: a column is missing, or a value cannot name a subgroup; it is never quoted.
        """
        if not self._columns:  # the first row tells for the whole file whether a column has a "+"
            self._columns = [columns_of(name, record.fields) for name in self._names]
        return tuple(_subgroup(record, columns) for columns in self._columns)


def check_subgroups(examples: Sequence[Example], columns: Columns, *, source: str) -> None:
    """Refuse a column whose values are too many to be subgroups.

    Args:
        examples: every row of one file.
        columns: as they were read with.
        source: the file's name, for the message.

    Raises:
        DataError: names file and column.
    """
    for place, column in enumerate(columns.subgroups):
        count = len({example.subgroups[place] for example in examples} - {NOT_GIVEN})
        if count > MOST_SUBGROUPS:
            raise DataError(
                f"{source}: the column {column!r}, which names subgroups, has {count} "
                f"different values; at most {MOST_SUBGROUPS} can be scored",
                "group them into a new column (ages as 18-39, 40-64, 65+), or name another",
            )


def _subgroup(record: Record, columns: tuple[str, ...]) -> str:
    values = [_value(record, column) for column in columns]
    return NOT_GIVEN if set(values) == {NOT_GIVEN} else ", ".join(values)


def _value(record: Record, column: str) -> str:
    if column not in record.fields:
        raise record.error(*missing_column(column, record.fields, recipe_key="subgroups"))
    name = _name(record.fields[column])
    if name is None or len(name) > _LONGEST:
        wrong = (
            "neither a word nor a number" if name is None else f"over {_LONGEST} characters long"
        )
        raise record.error(
            f"the value in the column {column!r}, which names subgroups, is {wrong}",
            "write the short name of the row's subgroup, or leave it empty",
        )
    require_unicode(record, column, name)
    return name or NOT_GIVEN


def _name(value: object) -> str | None:
    """A value as the name of a subgroup; empty without a value, None for what is not a name."""
    name = label_text(value)
    if name is None and isinstance(value, float):  # no label, but a subgroup may be called so
        name = str(value)
    return None if name is None else " ".join(name.split())
