"""Scoring a model on encoded rows, by the task's own ``decode``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

from burnish.data.examples import Example
from burnish.tasks import Prediction, QAPrediction, Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.predictions import Answer
from burnish.torch_models.logits import predict_logits

__all__ = [
    "Answered",
    "answer_model",
    "answer_rows",
    "decode_rows",
    "evaluate_answers",
    "main_score",
    "score_logits",
    "tune_task",
]

FloatArray = npt.NDArray[np.float32]
Logits = Sequence[Sequence[FloatArray]]

_UNREADABLE = QAPrediction(answers=(Answer("", 0.0, 0, 0),), tokens=0, windows=0)


@dataclass(frozen=True, slots=True)
class Answered:
    """Rows and what a model answers to them; those that no model can read come last."""

    examples: tuple[Example, ...]
    predictions: tuple[Prediction, ...]


def answer_model(model: nn.Module, task: Task, rows: EncodedRows) -> Answered:
    """What a model answers. A question that no model can read is answered by nothing."""
    return answer_rows(task, rows, predict_logits(model, task, rows.encodings))


def score_logits(task: Task, rows: EncodedRows, logits: Logits) -> Evaluation:
    """Scores with intervals, from logits."""
    return evaluate_answers(task, answer_rows(task, rows, logits))


def evaluate_answers(task: Task, answered: Answered) -> Evaluation:
    """Scores with intervals, from answers."""
    return evaluate(task, answered.examples, answered.predictions)


def main_score(task: Task, rows: EncodedRows, logits: Logits) -> float:
    """The task's main metric alone: no bootstrap."""
    answered = answer_rows(task, rows, logits)
    statistics = [
        task.row_statistics(example, prediction)  # type: ignore[arg-type]
        for example, prediction in zip(answered.examples, answered.predictions, strict=True)
    ]
    return float(task.metrics(np.sum(statistics, axis=0))[task.main_metric])


def tune_task(task: Task, rows: EncodedRows, logits: Logits) -> Task:
    """The task with the thresholds that suit these rows."""
    return task.tune(rows.examples, rows.encodings, logits)  # type: ignore[arg-type]


def decode_rows(task: Any, rows: EncodedRows, logits: Logits) -> list[Prediction]:
    """One prediction a readable row."""
    return [
        task.decode(given, encoding, windows)
        for given, encoding, windows in zip(rows.inputs, rows.encodings, logits, strict=True)
    ]


def answer_rows(task: Task, rows: EncodedRows, logits: Logits) -> Answered:
    """One prediction a row."""
    predictions = decode_rows(task, rows, logits)
    return Answered(
        (*rows.examples, *rows.unreadable),
        (*predictions, *[_UNREADABLE] * len(rows.unreadable)),
    )
