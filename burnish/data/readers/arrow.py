"""Arrow: Parquet files, and data sets that ``datasets.save_to_disk`` has written.

Needs pyarrow (extra ``parquet``). Integer labels and tags have the names that the file's own
features give them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from burnish.data.columns import Columns
from burnish.data.readers.hf_columns import read_columns
from burnish.data.records import Item, Record
from burnish.errors import DataError, MissingExtraError
from burnish.tasks.shapes import Shape

__all__ = [
    "is_saved_data_set",
    "parquet_rows",
    "parquet_types",
    "read_parquet",
    "read_saved_data_set",
    "saved_files",
]

_BATCH = 1024
Names = Mapping[str, tuple[str, ...]]


def read_parquet(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """A Parquet file's rows, in any form that JSON Lines may have.

    Raises:
        DataError: it is damaged; names the file.
        MissingExtraError: pyarrow is not installed.
    """
    return _in_form(_parquet_records, path, columns, shape)


def read_saved_data_set(path: Path, columns: Columns, *, shape: Shape) -> Iterator[Item]:
    """The rows of a directory with ``state.json`` and Arrow files.

    Raises:
        DataError: a file is missing or damaged; names it.
        MissingExtraError: pyarrow is not installed.
    """
    return _in_form(_saved_records, path, columns, shape)


def is_saved_data_set(path: Path) -> bool:
    """Whether a directory is one that ``datasets`` saved, of one split or several."""
    return (path / "state.json").is_file() or (path / "dataset_dict.json").is_file()


def saved_files(path: Path) -> list[Path]:
    """The files of a saved data set, in order.

    Raises:
        DataError: it holds several splits, or its state cannot be read.
    """
    if (path / "dataset_dict.json").is_file():
        parts = sorted(each.parent.name for each in path.glob("*/state.json"))
        raise DataError(
            f"holds several splits: {', '.join(parts)}",
            f"name one of them, for example {path / parts[0]}" if parts else "name one of them",
            file=path,
        )
    try:
        state = json.loads((path / "state.json").read_text(encoding="utf-8"))
        names = [str(each["filename"]) for each in state["_data_files"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        hint = "save the data set again with save_to_disk"
        raise DataError("its state.json cannot be read", hint, file=path) from error
    if any(Path(name).name != name for name in names):
        raise DataError("its state.json names files elsewhere", "save it again", file=path)
    return [path / name for name in names]


def _in_form(
    read: Callable[[Path], Iterator[Record]], path: Path, columns: Columns, shape: Shape
) -> Iterator[Item]:
    """The rows in the native form: as they are, or tagged tokens, or columns of answers."""

    def rows(path: Path, columns: Columns) -> Iterator[Item]:
        for record in read(path):
            yield _readable(record, columns)

    first = [each.fields for each in islice(read(path), _BATCH)]
    tokens = any(columns.tokens in row and not row.get(columns.entities) for row in first)
    return read_columns(path, columns, shape=shape, tagged=tokens, read=rows)


def _readable(record: Record, columns: Columns) -> Record:
    """A label that is a number without a name is that number."""
    value = record.fields.get(columns.label)
    if isinstance(value, int) and not isinstance(value, bool):
        return replace(record, fields={**record.fields, columns.label: str(value)})
    return record


def _parquet_records(path: Path) -> Iterator[Record]:
    arrow = _pyarrow()
    try:
        with arrow.parquet.ParquetFile(path) as file:
            names = _class_names(file.schema_arrow.metadata)
            batches = file.iter_batches(batch_size=_BATCH)
            yield from _records(path, map(_checked, batches), names)
    except (arrow.lib.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, error) from error


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file as they are, with Python's values.

    Raises:
        DataError: it is damaged; names the file.
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _pyarrow()
    try:
        with arrow.parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from _checked(batch)
    except (arrow.lib.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(path, error) from error


def parquet_types(path: Path) -> dict[str, Any]:
    """The Arrow type of each column of a Parquet file, in their order.

    Raises:
        DataError: it is damaged; names the file.
        MissingExtraError: pyarrow is not installed.
    """
    arrow = _pyarrow()
    try:
        schema = arrow.parquet.read_schema(path)
    except (arrow.lib.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return {field.name: field.type for field in schema}


def _saved_records(path: Path) -> Iterator[Record]:
    arrow = _pyarrow()

    def batches() -> Iterator[list[dict[str, Any]]]:
        for file in saved_files(path):
            try:
                with arrow.memory_map(str(file)) as stream:
                    for batch in arrow.ipc.open_stream(stream):
                        yield _checked(batch)
            except (arrow.lib.ArrowException, OSError, ValueError, OverflowError) as error:
                raise _damaged(file, error) from error

    yield from _records(path, batches(), _saved_names(path))


def _checked(batch: Any) -> list[dict[str, Any]]:
    """A batch's rows.

    Arrow trusts a file's offsets unless it is told not to, and a wrong one ends the process.
    """
    batch.validate(full=True)
    rows: list[dict[str, Any]] = batch.to_pylist()
    return rows


def _records(path: Path, batches: Iterator[list[dict[str, Any]]], names: Names) -> Iterator[Record]:
    number = 0
    for batch in batches:
        for row in batch:
            number += 1
            fields = {key: _named(value, names.get(key)) for key, value in row.items()}
            yield Record(
                path=path,
                line=None,
                position=str(number),
                fields=fields,
                name=f"row {number}",
            )


def _named(value: object, names: tuple[str, ...] | None) -> object:
    """Integers as the names that the features give them; -1 means no label."""
    if names is None:
        return value
    if isinstance(value, list):
        return [_named(each, names) for each in value]
    if isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    return None if value == -1 else value


def _saved_names(path: Path) -> Names:
    try:
        info = json.loads((path / "dataset_info.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return _feature_names(info.get("features") if isinstance(info, dict) else None)


def _class_names(metadata: Mapping[bytes, bytes] | None) -> Names:
    """Names of the class labels, from the features that ``datasets`` puts into a schema."""
    try:
        document = json.loads((metadata or {}).get(b"huggingface", b"{}"))
        return _feature_names(document.get("info", {}).get("features"))
    except (ValueError, AttributeError, RecursionError):
        return {}


def _feature_names(features: object) -> Names:
    names: dict[str, tuple[str, ...]] = {}
    for column, feature in features.items() if isinstance(features, dict) else ():
        inner = feature
        while isinstance(inner, list | dict):
            if isinstance(inner, list):  # a list of labels, as older versions write it
                inner = inner[0] if inner else None
            elif inner.get("_type") == "ClassLabel":
                names[column] = tuple(str(name) for name in inner.get("names") or ())
                break
            else:
                inner = inner.get("feature")
    return names


def _damaged(path: Path, error: Exception) -> DataError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return DataError(f"cannot be read: {reason}", "write the file again", file=path)


def _pyarrow() -> Any:
    try:
        import pyarrow as pa
        import pyarrow.ipc
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise MissingExtraError("pyarrow", "parquet") from None
    return pa
