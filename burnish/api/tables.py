"""Rows as callers give them: in memory, read already, or in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.data import Columns, DataSet, Rows

    Table = DataSet | Sequence[Mapping[str, Any]] | Any
    """Rows in memory: a Hugging Face data set, a list of dictionaries, or a DataFrame."""

__all__ = ["data_sets", "labelled_rows"]


def data_sets(data: Table | Mapping[str, Table]) -> Mapping[str, DataSet]:
    """Tables by the part that they are; a table alone is ``train``.

    Raises:
        DataError: one of them is not a table.
        MissingExtraError: one is a DataFrame, and narwhals is not installed.
    """
    from burnish.data.frames import as_data_set

    given = data if isinstance(data, Mapping) else {"train": data}
    return {name: as_data_set(rows) for name, rows in given.items()}


def labelled_rows(data: Any, task: str, *, columns: Columns | None, known: Columns) -> Rows:
    """Rows with their true answers.

    Args:
        data: a rows file, what `read_rows` returned, or a table.
        task: what they are for.
        columns: what the columns are called, where the caller says so.
        known: what they were called in the training: a table's are taken from there.

    Raises:
        DataError: the rows are wrong.
        MissingExtraError: it is a DataFrame, and narwhals is not installed.
    """
    from burnish.data import Columns, Rows, read_data_set, read_rows
    from burnish.data.frames import is_table

    if is_table(data):
        return read_data_set(data, task, columns=columns or known, name="rows")
    return (
        data
        if isinstance(data, Rows)
        else read_rows(Path(data), task, columns=columns or Columns())
    )
