"""Answers to rows: training, export and serving decode and score them with the same code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
import numpy.typing as npt
from typing_extensions import TypeVar

from burnish.tasks.base import InputT, TaskSettings
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.examples import Example
from burnish.tasks.predictions import Prediction

__all__ = ["Answered", "answer_rows", "decode_rows"]

ExampleT = TypeVar("ExampleT", bound=Example, default=Any)
PredictionT = TypeVar("PredictionT", bound=Prediction, default=Any)

Logits = Sequence[Sequence[npt.NDArray[np.float32]]]
"""One array per window of each row."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[ExampleT, PredictionT]):
    """Rows and a model's predictions for them."""

    examples: tuple[ExampleT, ...]
    predictions: tuple[PredictionT, ...]

    def evaluate(
        self, task: TaskSettings[InputT, ExampleT, PredictionT], *, resamples: int = 1000
    ) -> Evaluation:
        """The scores, with intervals.

        Args:
            task: the task that made the predictions.
            resamples: of the bootstrap.
        """
        return evaluate(task, self.examples, self.predictions, resamples=resamples)


def decode_rows(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    rows: EncodedRows[InputT, ExampleT],
    logits: Logits,
) -> tuple[PredictionT, ...]:
    """One prediction per row that can be read."""
    return tuple(
        task.decode(given, encoding, windows)
        for given, encoding, windows in zip(rows.inputs, rows.encodings, logits, strict=True)
    )


def answer_rows(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    rows: EncodedRows[InputT, ExampleT],
    predictions: Sequence[PredictionT],
) -> Answered[ExampleT, PredictionT]:
    """All rows with their predictions; rows that no model can read come last.

    Args:
        task: the task that made the predictions.
        rows: encoded.
        predictions: one per row that can be read.
    """
    unreadable = rows.unreadable
    return Answered(
        (*rows.examples, *unreadable), (*predictions, *[task.unanswered] * len(unreadable))
    )
