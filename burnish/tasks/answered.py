"""Answers to rows: decoded and scored alike for a training, an export and a bundle that serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.tasks.base import Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.examples import Example
from burnish.tasks.predictions import Prediction
from burnish.tasks.qa.prediction import Answer, QAPrediction

__all__ = ["UNANSWERED", "Answered", "answer_rows", "decode_rows"]

Logits = Sequence[Sequence[npt.NDArray[np.float32]]]
"""One array per window of each row."""

UNANSWERED = QAPrediction(answers=(Answer("", 0.0, 0, 0),), tokens=0, windows=0)
"""The answer to a question that no model can read: it is longer than half the window."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows, and what a model answers to them."""

    examples: tuple[Example, ...]
    predictions: tuple[Prediction, ...]

    def evaluate(self, task: Task, *, resamples: int = 1000) -> Evaluation:
        """The scores, with intervals.

        Args:
            task: the task that made the predictions.
            resamples: of the bootstrap.
        """
        return evaluate(task, self.examples, self.predictions, resamples=resamples)


def decode_rows(task: Task, rows: EncodedRows, logits: Logits) -> tuple[Prediction, ...]:
    """One prediction per row that can be read."""
    return tuple(
        task.decode(given, encoding, windows)
        for given, encoding, windows in zip(rows.inputs, rows.encodings, logits, strict=True)
    )


def answer_rows(rows: EncodedRows, predictions: Sequence[Prediction]) -> Answered:
    """All rows, answered; those that no model can read come last.

    Args:
        rows: encoded.
        predictions: one per row that can be read.
    """
    unreadable = rows.unreadable
    return Answered((*rows.examples, *unreadable), (*predictions, *[UNANSWERED] * len(unreadable)))
