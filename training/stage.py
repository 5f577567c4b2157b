"""A stage of tuning: what the loop goes through, and how an epoch of it is judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import nn

from .batches import Batches
from .epoch_scores import ScoreEpoch
from .features import Feature
from .loss import Loss
from .watching import History

__all__ = ["Stage"]


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
