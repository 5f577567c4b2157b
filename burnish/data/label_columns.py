"""Label columns: a column per label that says 1 or 0, as pandas' ``get_dummies`` writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from burnish.data.columns import Columns
from burnish.data.records import Item, Record, missing_column
from burnish.errors import DataError

__all__ = ["one_per_label", "read_label_columns", "refuse_one_per_label", "seem_label_columns"]

_YES = {"1", "1.0", "true", "yes", "y", "x"}
_NO = {"", "0", "0.0", "false", "no", "n"}
_LOOKED_AT = 200


def read_label_columns(record: Record, names: Sequence[str]) -> tuple[str, ...]:
    """The labels whose columns say yes, sorted.

    Raises:
        DataError: a column is missing, or says neither yes nor no.
    """
    labels = []
    for name in names:
        if name not in record.fields:
            message, hint = missing_column(name, record.fields, recipe_key="label_columns")
            raise record.error(message, hint)
        said = _said(record.fields[name])
        if said not in _YES | _NO:
            raise record.error(
                f"the label column {name!r} has neither 1 nor 0: {said!r}",
                "write 1 where the row has the label, else 0",
            )
        if said in _YES:
            labels.append(name)
    return tuple(sorted(labels))


def seem_label_columns(
    names: Sequence[str], rows: Iterable[Sequence[object]], *, text: str
) -> tuple[str, ...]:
    """The columns that say 1 or 0 in the first rows, and 1 somewhere; fewer than two are none.

    Args:
        names: of all columns.
        rows: cells in their order.
        text: the column of the text.
    """
    found: dict[str, set[str]] = {name: set() for name in names if name != text}
    for row, _ in zip(rows, range(_LOOKED_AT), strict=False):
        cells: Mapping[str, object] = dict(zip(names, row, strict=False))
        for name, said in found.items():
            said.add(_said(cells.get(name)))
    seeming = tuple(name for name, said in found.items() if said <= _YES | _NO and said & _YES)
    return seeming if len(seeming) > 1 else ()


def one_per_label(names: Sequence[str]) -> tuple[str, str]:
    """Message and hint about label columns that nobody named."""
    named = ", ".join(map(repr, names))
    return (
        f"there is no label column, but one column per label: {named} hold 1 or 0",
        f"name them: data.label_columns: [{','.join(names)}]",
    )


def refuse_one_per_label(items: Iterable[Item], columns: Columns, path: Path) -> Iterator[Item]:
    """The rows as they are, where the first of them have a label, or no label columns.

    Raises:
        DataError: no row has a label, and columns that nobody named say 1 or 0.
    """
    items = iter(items)
    first = list(islice(items, _LOOKED_AT))
    rows = [each.fields for each in first if isinstance(each, Record)]
    own = {columns.label, columns.labels, columns.entities}
    if not columns.label_columns and not any(own & row.keys() for row in rows):
        names = tuple(dict.fromkeys(chain.from_iterable(rows)))
        cells = [[row.get(name) for name in names] for row in rows]
        if found := seem_label_columns(names, cells, text=columns.text):
            raise DataError(*one_per_label(found), file=path)
    return chain(first, items)


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip().casefold()
