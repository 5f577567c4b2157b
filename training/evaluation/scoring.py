"""Scoring a model on encoded rows, by the task's own ``decode``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from torch import nn

from burnish.tasks import Task
from burnish.tasks.answered import Answered, Logits, answer_rows, decode_rows
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.torch_models.logits import predict_logits

__all__ = [
    "answer_logits",
    "answer_model",
    "label_targets",
    "main_score",
    "score_logits",
    "tune_task",
]


def answer_model(model: nn.Module, task: Task, rows: EncodedRows) -> Answered:
    """A model's answers. A question that no model can read counts as unanswered."""
    return answer_logits(task, rows, predict_logits(model, task, rows.encodings))


def answer_logits(task: Task, rows: EncodedRows, logits: Logits) -> Answered:
    """The answers of logits, as in :func:`answer_model`."""
    return answer_rows(task, rows, decode_rows(task, rows, logits))


def score_logits(task: Task, rows: EncodedRows, logits: Logits) -> Evaluation:
    """The scores of logits, with intervals."""
    return answer_logits(task, rows, logits).evaluate(task)


def main_score(task: Task, rows: EncodedRows, logits: Logits) -> float:
    """The task's main metric of logits, without a bootstrap."""
    answered = answer_logits(task, rows, logits)
    statistics = [
        task.row_statistics(example, prediction)
        for example, prediction in zip(answered.examples, answered.predictions, strict=True)
    ]
    return float(task.score_of(np.stack(statistics))[task.main_metric])


def tune_task(task: Task, rows: EncodedRows, logits: Logits) -> Task:
    """Tune the task's thresholds on these rows."""
    return task.tune(rows.examples, rows.encodings, logits)


def label_targets(task: Task, rows: EncodedRows) -> npt.NDArray[Any]:
    """The rows' labels, for a task whose head is ``Head.SEQUENCE``.

    Returns:
        (rows,) the index of each row's label; with several, (rows, labels) whether it has each.
    """
    pairs = zip(rows.examples, rows.encodings, strict=True)
    targets = np.stack([task.targets(example, encoding)[0] for example, encoding in pairs])
    return targets > 0 if targets.ndim > 1 else targets
