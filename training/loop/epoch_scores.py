"""What an epoch scores: on validation, and on as many rows that it was trained on."""

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
    """The task's main metric; the distance between the two is what was learned by heart."""

    validation: float
    train: float
    """On some of the training rows, the same ones in every epoch."""


ScoreEpoch = Callable[[nn.Module], EpochScores]
"""Of a model as it is; it changes nothing of it, and draws no random number."""


def score_epoch(
    model: nn.Module, task: Task, *, validation: EncodedRows, sample: EncodedRows
) -> EpochScores:
    """Score both, with the thresholds that suit validation; all processes must call it alike."""
    logits = shared_logits(model, task, validation.encodings)
    tuned = tune_task(task, validation, logits)
    score = from_first(main_score(tuned, validation, logits))
    return EpochScores(score, train_score(model, tuned, sample))


def train_score(model: nn.Module, task: Task, sample: EncodedRows) -> float:
    """On training rows, by a task whose thresholds are tuned; all processes must call it alike."""
    return from_first(main_score(task, sample, shared_logits(model, task, sample.encodings)))
