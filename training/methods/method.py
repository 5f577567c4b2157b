"""What a tuning method is: what it does to a model, and where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import nn

from burnish.config import Recipe
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.structures import Structure

__all__ = ["Cell", "Method", "Prepare", "StepHook"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a method is asked to do."""

    recipe: Recipe
    """The ``auto`` of its window need not be resolved."""
    family: str
    """``model_type`` of the base's config."""
    positions: int | None
    """The longest input of the base."""
    max_length: int
    """The window, in tokens."""


class StepHook(Protocol):
    """What a method does in every step of a training, beside the optimizer."""

    def after_gradient(self) -> None:
        """The gradient is whole, and not yet shortened: terms may be added to it."""

    def after_step(self, step: int) -> None:
        """The optimizer has stepped; the gradient is still there. ``step`` counts from 1."""

    def state(self) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        """What it knows beyond the parameters, for a checkpoint: tensors, and values of JSON."""

    def load_state(self, tensors: Mapping[str, torch.Tensor], values: dict[str, Any]) -> None:
        """Go on from there."""


Prepare = Callable[[BuiltModel, BaseModel, Recipe], nn.Module]
"""From a built model to the one that is trained: ``requires_grad`` set, adapters put in."""


def _nothing_refused(cell: Cell) -> str | None:
    del cell
    return None


def _no_structure(recipe: Recipe) -> Structure | None:
    del recipe
    return None


def _equal_rates(model: nn.Module, recipe: Recipe) -> Mapping[str, float]:
    del model, recipe
    return {}


def _no_hook(model: nn.Module, recipe: Recipe, steps: int) -> StepHook | None:
    del model, recipe, steps
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A tuning method."""

    name: str
    summary: str
    """In half a line, for the list of methods."""
    prepare: Prepare
    refusal: Callable[[Cell], str | None] = _nothing_refused
    """Why a cell cannot be done, said before anything is trained; None where it can."""
    starts_unchanged: bool = True
    """Whether the prepared model answers as the one that it was made of."""
    structure: Callable[[Recipe], Structure | None] = _no_structure
    """What stays in the encoder."""
    rate_factors: Callable[[nn.Module, Recipe], Mapping[str, float]] = _equal_rates
    """Factors of the learning rate, by parameter, where they are not 1."""
    step_hook: Callable[[nn.Module, Recipe, int], StepHook | None] = _no_hook
    """Of a prepared model and the number of steps that its training has."""
