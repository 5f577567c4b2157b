"""Frames: DataFrames and lists of dictionaries, read as a data set is.

pandas, polars, pyarrow and their like are read by narwhals, which imports none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from burnish.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import narwhals

__all__ = ["DataSet", "as_data_set", "is_frame", "is_table", "whole_frame"]


class DataSet(Protocol):
    """The parts of a ``datasets.Dataset`` that are used."""

    @property
    def column_names(self) -> list[str]:
        """Its columns."""

    @property
    def features(self) -> Any:
        """The type of each column; a ``ClassLabel`` has ``names``."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Its rows."""


class _Table:
    """Rows by index, in the form of a data set."""

    def __init__(self, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        self.column_names = list(names)
        self.features: Mapping[str, Any] = {}
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            yield {name: _plain(value) for name, value in row.items()}


def is_table(data: object) -> bool:
    """Whether an object is a DataFrame, a list of dictionaries or a data set."""
    return _is_rows(data) or is_frame(data) or _is_data_set(data)


def as_data_set(data: Any) -> DataSet:
    """The rows of a DataFrame or a list of dictionaries; a data set comes back as it is.

    Missing values (``None``, ``nan``, ``NaT``) are None; dates are written in ISO 8601.

    Raises:
        DataError: it is nothing of these or an empty list, two columns have the same name, or a
            name is not a text.
        MissingExtraError: it is a DataFrame, and narwhals is not installed.
    """
    if _is_rows(data):
        names = dict.fromkeys(name for row in data for name in row)
        return _Table(_checked(list(names)), data)
    if not is_frame(data):
        if _is_data_set(data):
            return data
        raise DataError(
            f"rows in memory cannot be read from {_shown(data)}",
            "give a DataFrame, a list of dictionaries or a Hugging Face Dataset",
        )
    if hasattr(type(data), "iloc"):  # pandas takes any names, and narwhals fewer
        _checked(list(data.columns))
    frame = whole_frame(data)
    return _Table(_checked(frame.columns), frame.rows(named=True))


def whole_frame(data: Any) -> narwhals.DataFrame[Any]:
    """A DataFrame as narwhals has it; a lazy one is computed.

    Raises:
        MissingExtraError: narwhals is not installed.
    """
    try:
        import narwhals
    except ImportError as error:
        raise MissingExtraError("narwhals", "frames") from error
    frame = narwhals.from_native(data)
    return frame.collect() if isinstance(frame, narwhals.LazyFrame) else frame


def _is_rows(data: object) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return (
        isinstance(data, Sequence)
        and not isinstance(data, str | bytes)
        and bool(data)
        and all(isinstance(row, Mapping) for row in data)
    )


def is_frame(data: object) -> bool:
    """Whether an object looks like a DataFrame, by its class: pandas has columns as attributes."""
    return hasattr(type(data), "columns") and not hasattr(type(data), "features")


def _is_data_set(data: object) -> TypeGuard[DataSet]:
    return not is_frame(data) and hasattr(data, "features") and hasattr(data, "column_names")


def _shown(data: object) -> str:
    return "an empty list" if data == [] else f"a {type(data).__name__}"


def _checked(names: Sequence[object]) -> list[str]:
    texts = [name for name in names if isinstance(name, str)]
    if len(texts) < len(names):
        other = next(name for name in names if not isinstance(name, str))
        raise DataError(
            f"the column {other!r} has a name that is not a text",
            "rename it: frame.columns = [str(name) for name in frame.columns]",
        )
    twice = [name for name in dict.fromkeys(texts) if texts.count(name) > 1]
    if twice:
        raise DataError(f"two columns are called {twice[0]!r}", "rename one of them")
    return texts


def _plain(value: Any) -> Any:
    """A value as JSON would have it."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, dt.date | dt.time):
        return None if value != value else value.isoformat()  # NaT is a date and not itself
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        return _plain(value.tolist())
    if isinstance(value, Sequence):
        return [_plain(each) for each in value]
    return None if _is_missing(value) else value


def _is_missing(value: Any) -> bool:
    """Whether it is pandas' NA, which compares to nothing."""
    return type(value).__name__ in {"NAType", "NaTType"}
