"""A learning-rate range test: the rate rises step by step until the loss does.

After Smith 2017, "Cyclical Learning Rates for Training Neural Networks". The course is exponential
and the losses are smoothed, as in the fast.ai library. The model that is spoilt by it is a copy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch.optim.lr_scheduler import LambdaLR

from burnish.errors import ConfigError, RunError
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.torch_models.base import BaseModel

from ..data.features import make_features
from ..data.splits import EncodedParts
from ..evaluation.linear_probe import fit_probe, start_head
from ..loop.loop import TrainingLoop
from ..loop.loss import loss_for
from ..methods import find_method
from .setup import build_for, class_weights_of, make_ready

__all__ = [
    "HIGHEST",
    "LOWEST",
    "RangeTest",
    "check_range_test",
    "read_curve",
    "run_range_test",
    "throw_away_loop",
]

LOWEST, HIGHEST = 1e-7, 1e-1
"""Rates that a test goes through, where it does not end earlier."""

_SMOOTHING = 0.9
"""Of the moving average over the losses."""
_DIVERGED = 2.0
"""A smoothed loss so many times the least one ends the test."""
_MARGIN = 10.0
"""How far below the rate of the least loss a suggestion stays."""


@dataclass(frozen=True, slots=True)
class RangeTest:
    """Rates and losses of a test, and what is read from them."""

    rates: tuple[float, ...]
    """Of the highest layer, rising."""
    losses: tuple[float, ...]
    """Before each step."""
    smoothed: tuple[float, ...]
    least: float
    """The rate at which the smoothed loss was least."""
    diverged: float | None
    """The rate at which the loss had doubled, or was no number any more; None: none was."""
    suggestion: float
    """A peak for a training: where the loss falls most steeply, but a tenth of ``least`` at
    most."""


def run_range_test(
    loop: TrainingLoop, *, steps: int = 100, lowest: float = LOWEST, highest: float = HIGHEST
) -> RangeTest:
    """Raise the learning rates together, the highest layer's from ``lowest`` to ``highest``.

    Args:
        loop: of a model that may be spoilt, with epochs enough (:func:`throw_away_loop`).
        steps: of the whole range.
        lowest: rate of the first step.
        highest: rate of the last one.

    Raises:
        RunError: the loss was no number from the first step on.
    """
    peak = float(loop.settings.learning_rate)
    rise = (highest / lowest) ** (1 / max(1, steps - 1))
    loop.schedule = LambdaLR(loop.optimizer, lambda step: lowest * rise**step / peak)
    rates: list[float] = []
    losses: list[float] = []
    try:
        for step in loop.run():
            rates.append(step.learning_rate)
            losses.append(step.loss)
            if step.number == steps or _has_diverged(_smooth(losses)):
                break
    except RunError:
        if not losses:
            raise
        losses.append(math.inf)
        rates.append(rates[-1] * rise)
    loop.thawing.end()
    return read_curve(rates, losses)


def read_curve(rates: Sequence[float], losses: Sequence[float]) -> RangeTest:
    """What a curve of losses over rising rates says.

    Args:
        rates: rising.
        losses: one a rate; the last may be infinite.
    """
    smoothed = _smooth(losses)
    finite = np.array([loss for loss in smoothed if math.isfinite(loss)])
    least = int(finite.argmin())
    steepest = least
    if least > 1:
        slopes = np.gradient(finite[: least + 1], np.log(rates[: least + 1]))
        steepest = int(slopes.argmin())
    diverged = rates[-1] if _has_diverged(smoothed) else None
    suggestion = min(rates[steepest], rates[least] / _MARGIN)
    return RangeTest(
        tuple(rates),
        tuple(losses),
        tuple(smoothed),
        least=rates[least],
        diverged=diverged,
        suggestion=float(f"{suggestion:.2g}"),
    )


def check_range_test(recipe: Recipe) -> None:
    """Refuse a method that has no loss of the labels, before anything is read.

    Raises:
        ConfigError: names the method.
    """
    if find_method(recipe.method).stage is not None:
        raise ConfigError(
            f"method: {recipe.method} has no range test: its loss is not one of the labels",
            "leave train.learning_rate=auto, or compare a few by their validation score",
        )


def throw_away_loop(
    base: BaseModel, task: Task, parts: EncodedParts, *, recipe: Recipe, steps: int
) -> TrainingLoop:
    """A training as the recipe begins it, of a model of its own, for so many steps.

    Args:
        base: a vetted base model.
        task: its labels and window.
        parts: encoded rows.
        recipe: resolved; its learning rates count by their ratio alone.
        steps: that there must be at least.
    """
    settings = recipe.train
    weights = class_weights_of(task, parts, recipe)
    built = build_for(base, task, recipe, rows=len(parts.train), seed=settings.seed)
    ready = make_ready(built, base, recipe)
    if task.head.of_windows:
        probe = fit_probe(
            ready.model, task, parts.train, validation=parts.validation, class_weights=weights
        )
        start_head(ready.model, probe)
    features = make_features(task, parts.train)
    batch = int(settings.batch_size) * settings.gradient_accumulation
    epochs = math.ceil(steps / math.ceil(len(features) / batch)) + 1
    loop = ready.loop(
        features,
        loss=loss_for(task, weights),
        settings=settings.model_copy(update={"epochs": epochs, "gradual_unfreezing": False}),
    )
    return ready.hooked(loop)


def _smooth(losses: Sequence[float]) -> list[float]:
    """A moving average that is not drawn towards its start."""
    average, smoothed = 0.0, []
    for count, loss in enumerate(losses, 1):
        average = _SMOOTHING * average + (1 - _SMOOTHING) * loss
        smoothed.append(average / (1 - _SMOOTHING**count))
    return smoothed


def _has_diverged(smoothed: Sequence[float]) -> bool:
    return not smoothed[-1] <= _DIVERGED * min(smoothed)
