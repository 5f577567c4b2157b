"""The result of tuning: a model with its scores, its history and its calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from burnish.tasks import Task
from burnish.tasks.answered import Answered
from burnish.tasks.evaluation import Evaluation
from burnish.torch_models.build import BuiltModel

from ..evaluation.calibration import Trust
from ..evaluation.linear_probe import Probe
from ..loop.history import History

__all__ = ["Evaluations", "FrozenScores", "Scored", "Tuned"]

Evaluations = dict[str, Evaluation]
"""Evaluations by part of the data."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned model with its scores and those of a frozen encoder."""

    model: nn.Module
    built: BuiltModel
    task: Task
    """With the thresholds tuned on validation."""
    history: History
    evaluations: Evaluations
    baseline: Evaluations
    """The linear probe's evaluations; empty for tasks without a probe."""
    probe: Probe | None
    """The linear probe, for tasks with one."""
    answers: dict[str, Answered]
    """Answers by part of the data."""
    trust: Trust
    """How far its scores can be trusted."""
    starts_unchanged: bool
    """Whether epoch 0 is the probe; some methods change the model's answers at once."""
    train_score: float
    """The main metric on a sample of the training rows."""
    head_kept: bool = False
    """Whether the head started as the base's own."""

    @property
    def notes(self) -> list[str]:
        """Notes for the user on the outcome."""
        # With a linear probe the head starts there, whatever head the base had.
        told = self.head_kept or not self.baseline
        head = [self.built.head] if self.built.head and told else []
        return [*head, *self._unlearned]

    @property
    def _unlearned(self) -> list[str]:
        best, start = self.history.best, self.history.epochs[0]
        if best.epoch:
            return self.trust.notes
        metric = self.task.main_metric
        reached = self.history.best_tuned
        reached = start.score if reached is None else reached
        scores = f"({metric} {start.score:.4f}; tuned at most {reached:.4f})"
        if self.baseline and self.starts_unchanged:
            text = (
                f"no epoch beat the linear probe on validation {scores}, so the probe is this "
                "run's model. A smaller learning rate or more rows may help"
            )
        else:
            text = (
                f"no epoch beat the untuned model on validation {scores}: the model learned "
                "nothing. More epochs, another learning rate or more rows are needed"
            )
        return [text, *self.trust.notes]


@dataclass(frozen=True, slots=True)
class Scored:
    """A model's answers and scores on every part of the data."""

    task: Task
    """The task, calibrated and tuned on validation."""
    evaluations: Evaluations
    logits: dict[str, Any]
    """Logits by part of the data."""
    answers: dict[str, Answered]


@dataclass(slots=True)
class FrozenScores:
    """The linear probe's scores, which the first seed fills in for the others."""

    scored: Scored | None = None
