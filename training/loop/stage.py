"""A stage of tuning: what the loop goes through, and how an epoch of it is judged."""

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
    """The best epoch's weights are the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a stage trains, on what, and towards what."""

    model: nn.Module
    features: Sequence[Feature]
    loss: Loss
    score: ScoreEpoch
    """Of an epoch."""
    start_score: ScoreEpoch | None = None
    """Of the start, where that is known in part and so cheaper."""
    batches: Batches | None = None
    """Of the features; by like length where None."""
    finish: Callable[[History], None] = _nothing
    """Called when the weights of the best epoch are back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageParts:
    """What a method makes a stage of its own of."""

    model: nn.Module
    """A classifier; what requires a gradient is tuned."""
    task: Task
    parts: EncodedParts
    probe: Probe
    """The frozen encoder's, which is the model's head."""
    class_weights: torch.Tensor | None
    """(labels,) of the head."""
    encoder: TextEncoder
    """Reads the labels' names."""
    recipe: Recipe
    """Resolved."""
    say: Notify
    """Told what is going on."""
