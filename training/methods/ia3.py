"""(IA)³ (Liu et al. 2022) by PEFT: factors of keys, values and feed-forward activations."""

from __future__ import annotations

from peft import IA3Config
from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.regimes import Regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.families import IA3_TARGETS, ia3_targets

from .method import Cell, Defaults, Method
from .peft_wrapping import modules_to_save, wrap

__all__ = ["IA3"]


def _prepare(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model with factors in it; they, and all that the base lacks, are trained and saved.

    Raises:
        BaseModelError: the family's layers are not known.
    """
    del recipe
    targets = ia3_targets(base.family)
    config = IA3Config(
        target_modules=targets.all,
        feedforward_modules=targets.feedforward,
        modules_to_save=modules_to_save(built),
    )
    return wrap(built, base, config)


def _refusal(cell: Cell) -> str | None:
    if cell.family not in IA3_TARGETS:
        return f"where a {cell.family!r} model keeps its layers is not known"
    return None


IA3 = Method(
    name="ia3",
    summary="factors of activations, merged afterwards",
    prepare=_prepare,
    defaults=Defaults(
        learning_rate={
            Regime.ONE_LABEL: 5e-3,
            Regime.SEVERAL_LABELS: 5e-3,
            Regime.TAGS: 1e-2,
            Regime.SPAN: 1e-2,
            Regime.NUMBER: 5e-3,
            Regime.MARKS: 1e-2,
        },
        head_factor={Regime.ONE_LABEL: 0.025},
        epochs={Regime.ONE_LABEL: 6},
    ),
    refusal=_refusal,
)
