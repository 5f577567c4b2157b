"""Rows in memory, as callers give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.data import DataSet

    Table = DataSet | Sequence[Mapping[str, Any]] | Any
    """Rows in memory: a Hugging Face data set, a list of dictionaries, or a DataFrame."""

__all__ = ["data_sets"]


def data_sets(data: Table | Mapping[str, Table]) -> Mapping[str, DataSet]:
    """Tables by the part that they are; a table alone is ``train``.

    Raises:
        DataError: one of them is not a table.
        MissingExtraError: one is a DataFrame, and narwhals is not installed.
    """
    from burnish.data.frames import as_data_set

    given = data if isinstance(data, Mapping) else {"train": data}
    return {name: as_data_set(rows) for name, rows in given.items()}
