"""A stage of tuning: what the loop trains, and how it scores an epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from burnish.notify import Notify
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task, TextEncoder

from ..data.batches import Batches
from ..data.features import Feature
from ..data.splits import EncodedParts
from ..evaluation.linear_probe import Probe
from .epoch_scores import ScoreEpoch
from .history import History
from .loss import Loss

__all__ = ["Stage", "StageParts"]


def _nothing(_: History) -> None:
    """Keep the best epoch's weights unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The model, rows and loss of a stage."""

    model: nn.Module
    features: Sequence[Feature]
    loss: Loss
    score: ScoreEpoch
    """Scores an epoch."""
    start_score: ScoreEpoch | None = None
    """Scores the start, where a part of it is known already."""
    batches: Batches | None = None
    """Batches of the features; those of similar length where None."""
    finish: Callable[[History], None] = _nothing
    """Called after the best epoch's weights were restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageParts:
    """What a method needs to make its own stage."""

    model: nn.Module
    """A classifier; its parameters that require a gradient are tuned."""
    task: Task
    parts: EncodedParts
    probe: Probe
    """The frozen encoder's linear probe, which is the model's head."""
    class_weights: torch.Tensor | None
    """(labels,) weights of the loss."""
    encoder: TextEncoder
    """Reads the labels' names."""
    recipe: Recipe
    """Resolved."""
    say: Notify
    """Called with lines of progress."""
