"""What a tuning method is: what it does to a model, and where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel, Pooling
from burnish.torch_models.build import BuiltModel

from ..checkpointing.state import StepHook
from ..loop.stage import Stage, StageParts

__all__ = ["FEW_ROWS", "Cell", "Defaults", "FewRows", "Method", "Prepare"]


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

    @property
    def head(self) -> Head:
        """The head that the recipe's task needs."""
        return find_task(self.recipe.task).settings.head


Prepare = Callable[[BuiltModel, BaseModel, Recipe], nn.Module]
"""From a built model to the one that is trained: ``requires_grad`` set, adapters put in."""


def _nothing_refused(cell: Cell) -> str | None:
    del cell
    return None


def _equal_rates(model: nn.Module, recipe: Recipe) -> Mapping[str, float]:
    del model, recipe
    return {}


def _no_hook(model: nn.Module, recipe: Recipe, steps: int) -> StepHook | None:
    del model, recipe, steps
    return None


def _nothing_to_say(recipe: Recipe) -> None:
    del recipe


def _any_base(recipe: Recipe, base: BaseModel) -> None:
    del recipe, base


def _any_rows(*, multi_label: bool) -> None:
    del multi_label


def _no_positions(recipe: Recipe) -> int:
    del recipe
    return 0


FEW_ROWS = 2000
"""Below, an epoch has so few steps that it takes more of them, and larger ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FewRows:
    """What `Defaults` are instead for fewer training rows than `FEW_ROWS`, where they differ."""

    learning_rate: Mapping[Regime, float] = field(default_factory=dict)
    epochs: Mapping[Regime, int] = field(default_factory=dict)
    batch_size: Mapping[Regime, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What ``auto`` stands for with a method, by what the model learns from.

    What a table does not name, the regime decides (``training/pipeline/defaults.py``).
    """

    learning_rate: Mapping[Regime, float]
    """For a base of the hidden size that the rates were measured on."""
    size_power: float = 1.0
    """Larger bases take steps smaller by this power of their size."""
    head_factor: Mapping[Regime, float] = field(default_factory=dict)
    """Head's learning rate by the encoder's, where they differ."""
    epochs: Mapping[Regime, int] = field(default_factory=dict)
    batch_size: Mapping[Regime, int] = field(default_factory=dict)
    synthetic_questions: Mapping[Regime, float] = field(default_factory=dict)
    """Made-up questions per labelled one, where they were measured to help."""
    pooling: Pooling | None = None
    """For bases that do not declare theirs."""
    few_rows: FewRows = field(default_factory=FewRows)

    def of(self, rows: int) -> Defaults:
        """Those for so many training rows."""
        if rows >= FEW_ROWS:
            return self
        return replace(
            self,
            learning_rate={**self.learning_rate, **self.few_rows.learning_rate},
            epochs={**self.epochs, **self.few_rows.epochs},
            batch_size={**self.batch_size, **self.few_rows.batch_size},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A tuning method."""

    name: str
    summary: str
    """In half a line, for the list of methods."""
    prepare: Prepare
    defaults: Defaults
    """What ``auto`` stands for."""
    refusal: Callable[[Cell], str | None] = _nothing_refused
    """Why a cell cannot be done, said before anything is trained; None where it can."""
    starts_unchanged: bool = True
    """Whether the prepared model answers as the one that it was made of."""
    from_nothing: bool = False
    """Whether it can train a base that knows nothing yet."""
    loose_start: bool = False
    """Whether of few rows the head starts at a looser fit than the probe."""
    rate_factors: Callable[[nn.Module, Recipe], Mapping[str, float]] = _equal_rates
    """Factors of the learning rate, by parameter, where they are not 1."""
    step_hook: Callable[[nn.Module, Recipe, int], StepHook | None] = _no_hook
    """Of a prepared model and the number of steps that its training has."""
    check_recipe: Callable[[Recipe], None] = _nothing_to_say
    """Raises :class:`ConfigError` where another key of the recipe does not go with it."""
    check_base: Callable[[Recipe, BaseModel], None] = _any_base
    """Raises :class:`ConfigError` where another key of the recipe does not go with the base."""
    check_rows: Callable[..., None] = _any_rows
    """Raises :class:`ConfigError` where rows (``multi_label``) are not what it learns from."""
    positions: Callable[[Recipe], int] = _no_positions
    """Of the base's positions, how many it takes."""
    stage: Callable[[StageParts], Stage] | None = None
    """What is trained where that is not the rows' own labels."""
    alone: str = ""
    """Why it trains in one process alone; empty where several can share the work."""
