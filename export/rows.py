"""The rows that judge an export: the run's own validation set, restored and verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from burnish.data import (
    Example,
    Rows,
    Split,
    SplitRecord,
    read_rows,
    restore_split,
    take_out_of_scope,
)
from burnish.errors import DataError, InputError, QuestionTooLongError
from burnish.run import Run
from burnish.tasks import Encoding, Input, Task, TextEncoder
from burnish.tasks.windows import Window

__all__ = ["EncodedRows", "encode_rows", "restore_rows", "sample_windows"]


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Rows as the runtime would read them."""

    examples: tuple[Example, ...]
    inputs: tuple[Input, ...]
    encodings: tuple[Encoding, ...]
    unreadable: tuple[Example, ...] = ()
    """Rows whose question is longer than half the window: the runtime refuses them."""

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def windows(self) -> list[Window]:
        """Every model input, in order."""
        return [window for encoding in self.encodings for window in encoding.windows]

    def take(self, indices: Sequence[int]) -> EncodedRows:
        """Some of the rows that can be read."""
        return EncodedRows(
            tuple(self.examples[i] for i in indices),
            tuple(self.inputs[i] for i in indices),
            tuple(self.encodings[i] for i in indices),
        )

    def draw(self, count: int, *, seed: int) -> list[int]:
        """Places of at most ``count`` rows, drawn by the seed, in their order."""
        if count >= len(self):
            return list(range(len(self)))
        drawn = np.random.default_rng(seed).choice(len(self), size=count, replace=False)
        return [int(place) for place in sorted(drawn)]


def restore_rows(run: Run, *, data: Path | None = None) -> Split:
    """The run's split, read again from its files.

    Args:
        run: names the files and holds the digests of their rows.
        data: a directory that holds files of the same names, where they have moved.

    Raises:
        DataError: a file is missing, or its rows have changed; names the file.
    """
    section = run.recipe.data
    parts = {"train": section.train, "validation": section.validation, "test": section.test}
    rows: dict[str, Rows] = {
        name: read_rows(_place(file, data), run.recipe.task, columns=section.columns())
        for name, file in parts.items()
        if isinstance(file, Path)
    }
    rows, outside = take_out_of_scope(rows, section.out_of_scope)
    train = rows.pop("train")
    split = restore_split(SplitRecord.model_validate(run.record.data), train=train, **rows)
    return replace(split, out_of_scope=outside)


def encode_rows(task: Task, examples: Sequence[Example], encoder: TextEncoder) -> EncodedRows:
    """Encode rows; questions that are too long for the window are kept apart.

    Raises:
        DataError: a text cannot be encoded at all; names the row.
    """
    settings: Any = task
    kept, inputs, encodings, unreadable = [], [], [], []
    for example in examples:
        given = settings.example_input(example)
        try:
            encoding = settings.encode(given, encoder)
        except QuestionTooLongError:
            unreadable.append(example)
            continue
        except InputError as error:
            raise DataError(f"{example.id}: {error.message}", error.hint) from error
        kept.append(example)
        inputs.append(given)
        encodings.append(encoding)
    return EncodedRows(tuple(kept), tuple(inputs), tuple(encodings), tuple(unreadable))


def sample_windows(rows: EncodedRows, count: int) -> list[Window]:
    """At most ``count`` windows of every length that occurs, evenly over the sorted lengths."""
    ordered = sorted(rows.windows, key=len)
    places = np.unique(np.linspace(0, len(ordered) - 1, num=min(count, len(ordered))).astype(int))
    return [ordered[place] for place in places]


def _place(file: Path, directory: Path | None) -> Path:
    return file if directory is None else directory / file.name
