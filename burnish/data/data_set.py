"""Rows of a Hugging Face ``datasets`` object, a DataFrame or a list of dictionaries.

No library of theirs is imported.

::

    rows = read_data_set(load_dataset("conll2003")["validation"], "extraction", name="validation")
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from burnish.data.columns import Columns
from burnish.data.frames import DataSet, as_data_set
from burnish.data.paths import check_paths
from burnish.data.readers.hf_columns import read_columns
from burnish.data.records import Item, Record, Skip
from burnish.data.row_names import name_rows
from burnish.data.rows import Rows, SourceFile
from burnish.data.shifts import count_offsets
from burnish.data.subgroups import check_subgroups
from burnish.errors import DataError
from burnish.tasks.examples import Example
from burnish.tasks.shapes import Shape
from burnish.tasks.table import TASKS, find_task

__all__ = ["DataSet", "read_data_set", "read_data_sets"]

_NATIVE = Columns()
_PLACES = 20
_UNLABELLED = -1
"""What ``datasets`` writes where a row of a test set has no class."""


def read_data_set(
    data_set: DataSet | Sequence[Mapping[str, Any]] | Any,
    task_name: str,
    *,
    columns: Columns = _NATIVE,
    name: str = "train",
) -> Rows:
    """The rows of a data set, checked as those of a file are.

    Classes become their names. A row's id is ``name:index``, the index from 0, as in
    ``data_set[index]``; ``files[0].sha256`` is a digest of the rows' content in their order.

    Args:
        data_set: a ``datasets.Dataset``, or what looks like one; a DataFrame; or a list of
            dictionaries.
        task_name: what its rows are for.
        columns: what its columns are called.
        name: of the data set, for ids and messages.

    Raises:
        DataError: a row is wrong, or there is none.
    """
    if task_name not in TASKS:
        raise DataError(f"there is no task {task_name!r}", f"one of: {', '.join(TASKS)}")
    source = as_data_set(data_set)
    task_rows = find_task(task_name).rows
    builder = task_rows.builder(columns)
    examples: list[Example] = []
    skips: list[Skip] = []
    native = _native(source, task_rows.shape, columns, name)
    items: Iterable[Item] = name_rows(native, columns)
    if task_rows.spans is not None:
        form = task_rows.spans(columns)
        counted = count_offsets(items, Path(name), form, offsets=columns.offsets)
        if counted.error is not None:
            raise counted.error
        items = counted.items
    for item in items:
        if isinstance(item, DataError):
            raise item
        if isinstance(item, Record) and item.faults:
            raise item.faults[0]
        built = item if isinstance(item, Skip) else builder.build(item)
        if isinstance(built, Skip):
            skips.append(built)
        else:
            examples.append(built)
    if not examples:
        raise DataError(f"the data set {name!r} holds no rows", "give one with rows")
    check_subgroups(examples, columns, source=f"the data set {name!r}")
    check_paths(examples, columns, source=f"the data set {name!r}")
    content = "\n".join(example.digest for example in examples)
    return Rows(
        task=task_name,
        examples=tuple(examples),
        multi_label=builder.multi_label,
        files=(
            SourceFile.read_from(
                Path(name),
                sha256=hashlib.sha256(content.encode("ascii")).hexdigest(),
                rows=len(examples),
                skips=skips,
                places=_PLACES,
            ),
        ),
    )


def read_data_sets(
    data: DataSet | Mapping[str, DataSet],
    task_name: str,
    *,
    columns: Columns = _NATIVE,
    train_columns: Columns | None = None,
) -> dict[str, Rows]:
    """The rows of a ``DatasetDict``'s train, validation and test; a data set alone is train.

    Args:
        data: the data sets by part.
        task_name: what their rows are for.
        columns: names of their columns.
        train_columns: those of train, where they differ.

    Raises:
        DataError: there is no train, or a row is wrong.
    """
    given = data if isinstance(data, Mapping) else {"train": data}
    if "train" not in given:
        raise DataError(
            f"the data sets are {', '.join(map(repr, given))}, and none is 'train'",
            'give {"train": …}, and optionally "validation" and "test"',
        )
    names = {"train": train_columns or columns, "validation": columns, "test": columns}
    return {
        part: read_data_set(given[part], task_name, columns=own, name=part)
        for part, own in names.items()
        if part in given
    }


def _native(data_set: DataSet, shape: Shape, columns: Columns, name: str) -> Iterator[Item]:
    """Its rows in the native form."""

    def read(path: Path, _: Columns) -> Iterator[Item]:
        return _records(data_set, path)

    path = Path(name)
    listed = data_set.column_names
    tagged = columns.tokens in listed and columns.entities not in listed
    return read_columns(path, columns, shape=shape, tagged=tagged, read=read)


def _records(data_set: Any, path: Path) -> Iterator[Record]:
    # A data set may be set to give tensors instead of lists and numbers.
    plain = data_set.with_format(None) if hasattr(data_set, "with_format") else data_set
    features = data_set.features or {}
    for index, row in enumerate(plain):
        fields = {key: _named(value, features.get(key)) for key, value in row.items()}
        yield Record(path=path, line=None, position=str(index), fields=fields, name=f"row {index}")


def _named(value: Any, feature: Any) -> Any:
    """A value with the names of its classes; a table of columns as a list of rows."""
    names = getattr(feature, "names", None)
    if names is not None and isinstance(value, int):
        return None if value == _UNLABELLED else names[value]
    inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
    if isinstance(value, list) and inner is not None:
        return [_named(each, inner) for each in value]
    if isinstance(value, dict) and isinstance(inner or feature, Mapping):
        types = inner or feature
        return {key: _named_column(each, types.get(key)) for key, each in value.items()}
    return value


def _named_column(value: Any, feature: Any) -> Any:
    if isinstance(value, list) and hasattr(feature, "names"):
        return [_named(each, feature) for each in value]
    return _named(value, feature)
