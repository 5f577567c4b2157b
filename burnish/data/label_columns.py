"""Label columns: a column per label that says 1 or 0, as pandas' ``get_dummies`` writes them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from burnish.data.records import Record, missing_column

__all__ = ["read_label_columns", "seem_label_columns"]

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
                f"the label's column {name!r} says neither 1 nor 0: {said!r}",
                "write 1 where the row has the label, else 0",
            )
        if said in _YES:
            labels.append(name)
    return tuple(sorted(labels))


def seem_label_columns(
    names: Sequence[str], rows: Iterable[Sequence[str]], *, text: str
) -> tuple[str, ...]:
    """The columns that say 1 or 0 in the first rows, and 1 somewhere; fewer than two are none.

    Args:
        names: of all columns.
        rows: cells in their order.
        text: the column of the text.
    """
    found: dict[str, set[str]] = {name: set() for name in names if name != text}
    for row, _ in zip(rows, range(_LOOKED_AT), strict=False):
        cells: Mapping[str, str] = dict(zip(names, row, strict=False))
        for name, said in found.items():
            said.add(_said(cells.get(name)))
    seeming = tuple(name for name, said in found.items() if said <= _YES | _NO and said & _YES)
    return seeming if len(seeming) > 1 else ()


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip().casefold()
