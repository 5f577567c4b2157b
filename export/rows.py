"""The rows that judge an export: the run's own validation set, restored and verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from burnish.data import (
    DataSet,
    Rows,
    Split,
    SplitRecord,
    read_data_sets,
    read_rows,
    restore_split,
    take_out_of_scope,
)
from burnish.errors import DataError
from burnish.run import Run
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.windows import Window

__all__ = ["restore_rows", "sample_windows"]


def restore_rows(run: Run, *, data: Path | Mapping[str, DataSet] | None = None) -> Split:
    """The run's split, read again from its files, or from rows in memory.

    Args:
        run: names the files, with the digests of their rows.
        data: where files of these names are now, if they have moved; or rows by part, which take
            the files' place.

    Raises:
        DataError: a file is missing, or its rows have changed.
    """
    section = run.recipe.data
    parts = {"train": section.train, "validation": section.validation, "test": section.test}
    # What was trained on was judged then: a run of burnish 0.1.0 may have learned from addresses.
    columns = replace(section.columns_to_score(), allow_paths=True)
    rows: dict[str, Rows] = {}
    if isinstance(data, Mapping):
        rows |= read_data_sets(data, run.recipe.task, columns=columns)
        data = None
    rows |= {
        name: read_rows(_place(file, data), run.recipe.task, columns=columns)
        for name, file in parts.items()
        if isinstance(file, Path) and name not in rows
    }
    rows, outside = take_out_of_scope(rows, section.out_of_scope)
    train = rows.pop("train", None)
    split = restore_split(SplitRecord.model_validate(run.record.data), train=train, **rows)
    return replace(split, out_of_scope=outside)


def sample_windows(rows: EncodedRows, count: int) -> list[Window]:
    """At most ``count`` windows of every length that occurs, evenly over the sorted lengths."""
    ordered = sorted(rows.windows, key=len)
    places = np.unique(np.linspace(0, len(ordered) - 1, num=min(count, len(ordered))).astype(int))
    return [ordered[place] for place in places]


def _place(file: Path, directory: Path | None) -> Path:
    place = file if directory is None else directory / file.name
    if place.exists():
        return place
    where = "" if directory is None else ", where --data points"
    raise DataError(
        f"the run's rows file is missing{where}",
        f"name the directory that now holds {file.name}: burnish export RUN -o BUNDLE --data "
        "DIRECTORY; rows that were in memory: burnish.export(run, output, data=rows)",
        file=place,
    )
