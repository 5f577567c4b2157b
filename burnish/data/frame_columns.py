"""Further columns of a table in memory, in the table's own library.

pandas keeps its index. polars and pyarrow get typed columns, also where every value is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from burnish.data.frames import as_data_set, is_frame, whole_frame

if TYPE_CHECKING:
    import narwhals

__all__ = ["add_columns"]


def add_columns(
    table: Any, columns: Mapping[str, Sequence[object]], *, samples: Mapping[str, object]
) -> Any:
    """The table with further columns on its right; the table itself stays as it is.

    Args:
        table: a DataFrame that is not lazy, a list of dictionaries, or a data set.
        columns: one value per row, by the column's name.
        samples: a value of each column, for its type.

    Returns:
        A DataFrame of the same library, or a list of dictionaries.
    """
    if not is_frame(table):
        rows = table if isinstance(table, Sequence) else as_data_set(table)
        cells = zip(*columns.values(), strict=True)
        return [
            {**row, **dict(zip(columns, each, strict=True))}
            for row, each in zip(rows, cells, strict=True)
        ]
    import narwhals

    frame = whole_frame(table)
    backend = frame.implementation
    series = [
        narwhals.new_series(
            name,
            list(values),
            None if backend.is_pandas_like() else _type(samples[name]),
            backend=backend,
        )
        for name, values in columns.items()
    ]
    return frame.with_columns(*series).to_native()


def _type(sample: object) -> narwhals.dtypes.DType | None:
    """The type of a column with values like this; None where it cannot be told."""
    import narwhals as nw

    if isinstance(sample, bool):
        return nw.Boolean()
    if isinstance(sample, int):
        return nw.Int64()
    if isinstance(sample, float):
        return nw.Float64()
    if isinstance(sample, str):
        return nw.String()
    if isinstance(sample, Mapping):
        fields = {name: _type(value) for name, value in sample.items()}
        known = {name: kind for name, kind in fields.items() if kind is not None}
        return nw.Struct(known) if len(known) == len(fields) else None
    if isinstance(sample, Sequence) and sample:
        inner = _type(sample[0])
        return None if inner is None else nw.List(inner)
    return None
