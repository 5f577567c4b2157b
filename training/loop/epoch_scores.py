"""An epoch's scores on validation, and on as many training rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows

from ..distributed.processes import from_first
from ..distributed.shared_logits import shared_logits
from ..evaluation.scoring import main_score, tune_task

__all__ = ["EpochScores", "ScoreEpoch", "score_epoch", "train_score"]


@dataclass(frozen=True, slots=True)
class EpochScores:
    """The task's main metric on both; their difference shows overfitting."""

    validation: float
    train: float
    """Score on some of the training rows, the same in every epoch."""


ScoreEpoch = Callable[[nn.Module], EpochScores]
"""Scores a model without changing it or drawing a random number."""


def score_epoch(
    model: nn.Module, task: Task, *, validation: EncodedRows, sample: EncodedRows
) -> EpochScores:
    """Score both, with thresholds tuned on validation. Every process must call it."""
    logits = shared_logits(model, task, validation.encodings)
    tuned = tune_task(task, validation, logits)
    score = from_first(main_score(tuned, validation, logits))
    return EpochScores(score, train_score(model, tuned, sample))


def train_score(model: nn.Module, task: Task, sample: EncodedRows) -> float:
    """Score training rows with a task whose thresholds are tuned. Every process must call it."""
    return from_first(main_score(task, sample, shared_logits(model, task, sample.encodings)))
