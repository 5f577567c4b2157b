"""The contract of a task's part of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from burnish.recipe.recipe import Recipe
from burnish.tasks.evaluation import Evaluation
from burnish.torch_models.base import BaseModel

from ..data.splits import EncodedParts
from ..diagnostics.frozen import FrozenReader, NoReader
from .practice import Practice

__all__ = ["Baseline", "Figure", "FrozenBaseline", "TrainingTask"]

Figure = tuple[str, float, str]
"""A gate's name, its value and what it measures."""
Baseline = Callable[[Any, EncodedParts], dict[str, Evaluation]]
"""From a task and its rows to an evaluation per part, in seconds on a CPU."""

FrozenBaseline = Callable[[Any, EncodedParts, BaseModel], dict[str, Evaluation]]
"""The same, with the base model; no evaluation where it would be that of the linear probe."""


def _as_it_is(recipe: Recipe, base: BaseModel) -> Recipe:
    del base
    return recipe


@dataclass(frozen=True, kw_only=True)
class TrainingTask:
    """A task's part of training."""

    baselines: Mapping[str, Baseline]
    """Cheap methods by name, which a tuned transformer should beat."""
    gates: Mapping[str, str] = field(default_factory=dict)
    """Baselines that a gate of their own judges, by name; the others share ``beats_baseline``."""
    frozen_baselines: Mapping[str, FrozenBaseline] = field(default_factory=dict)
    """Cheap methods that need the vectors of the untrained encoder, by name."""
    frozen: FrozenReader | NoReader
    """How a frozen encoder reads its rows before anything is trained."""
    figures: Callable[[Any, Evaluation, str], Iterator[Figure]] | None = None
    """From a fitted task and its scores on a part to the gates that only this task has."""
    settle: Callable[[Recipe, BaseModel], Recipe] = _as_it_is
    """From a recipe to one whose section of the task is without what only the base decides."""
    practice: Practice | None = None
    """How to make rows to warm up on (``train.synthetic_questions``), where the task can."""
