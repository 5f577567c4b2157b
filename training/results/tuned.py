"""What tuning leaves: a model with its scores, its history and how far it can be trusted."""

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
"""By part of the data."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A tuned model, what it scores, and what a frozen encoder scores."""

    model: nn.Module
    built: BuiltModel
    task: Task
    """With the thresholds tuned on validation."""
    history: History
    evaluations: Evaluations
    """By part of the data."""
    baseline: Evaluations
    """The linear probe's; empty for tasks that have none."""
    probe: Probe | None
    """The linear probe, for such tasks."""
    answers: dict[str, Answered]
    """By part of the data."""
    trust: Trust
    """How far its scores can be trusted."""
    starts_unchanged: bool
    """Whether epoch 0 is the probe: some methods change the model's answers at once."""

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the outcome."""
        # Where there is a linear probe the head starts at it, whatever the base brought.
        head = [self.built.head] if self.built.head and not self.baseline else []
        return [*head, *self._unlearned]

    @property
    def _unlearned(self) -> list[str]:
        best, start = self.history.best, self.history.epochs[0]
        if best.epoch:
            return self.trust.notes
        metric = self.task.main_metric
        reached = max((epoch.score for epoch in self.history.epochs[1:]), default=start.score)
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
    """Calibrated and tuned on validation."""
    evaluations: Evaluations
    logits: dict[str, Any]
    """By part, as the evaluations."""
    answers: dict[str, Answered]


@dataclass(slots=True)
class FrozenScores:
    """What the linear probe scores, for other seeds: empty until the first has scored it."""

    scored: Scored | None = None
