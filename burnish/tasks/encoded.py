"""Rows as a model reads them: encoded once for training, export and evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from typing_extensions import TypeVar

from burnish.errors import DataError, InputError, TextTooLongError
from burnish.tasks.base import PredictionT, TaskSettings
from burnish.tasks.examples import Example
from burnish.tasks.windows import Encoding, TextEncoder, Window

__all__ = ["EncodedRows", "encode_rows"]

InputT = TypeVar("InputT", default=Any)
ExampleT = TypeVar("ExampleT", bound=Example, default=Any)


@dataclass(frozen=True, slots=True)
class EncodedRows(Generic[InputT, ExampleT]):
    """Rows as the runtime would read them."""

    examples: tuple[ExampleT, ...]
    inputs: tuple[InputT, ...]
    """What a user would send."""
    encodings: tuple[Encoding, ...]
    unreadable: tuple[ExampleT, ...] = ()
    """Rows with a text, such as a question, that must fit in half a window and does not."""

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def windows(self) -> list[Window]:
        """Every model input, in order."""
        return [window for encoding in self.encodings for window in encoding.windows]

    def take(self, indices: Sequence[int]) -> EncodedRows[InputT, ExampleT]:
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


def encode_rows(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    examples: Sequence[ExampleT],
    encoder: TextEncoder,
) -> EncodedRows[InputT, ExampleT]:
    """Encode rows; questions that are too long for the window are kept apart.

    Raises:
        DataError: a text cannot be encoded at all; names the row.
    """
    kept: list[ExampleT] = []
    inputs: list[InputT] = []
    encodings: list[Encoding] = []
    unreadable: list[ExampleT] = []
    for example in examples:
        given = task.example_input(example)
        try:
            encoding = task.encode(given, encoder)
        except TextTooLongError:
            unreadable.append(example)
            continue
        except InputError as error:
            raise DataError(f"{example.id}: {error.message}", error.hint) from error
        kept.append(example)
        inputs.append(given)
        encodings.append(encoding)
    return EncodedRows(tuple(kept), tuple(inputs), tuple(encodings), tuple(unreadable))
