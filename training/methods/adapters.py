"""Bottleneck adapters (Houlsby et al. 2019; Pfeiffer et al. 2021)."""

from __future__ import annotations

from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.regimes import Regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.structures import BOTTLENECK_FAMILIES, Bottleneck

from .attaching import attach_trained
from .method import Cell, Defaults, Method

__all__ = ["ADAPTERS"]


def _prepare(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model with adapters in every layer, which start as the identity."""
    structure = Bottleneck(kind=recipe.adapters.kind, reduction=recipe.adapters.reduction)
    return attach_trained(built, base, structure)


def _refusal(cell: Cell) -> str | None:
    if cell.family not in BOTTLENECK_FAMILIES:
        return f"where a {cell.family!r} model keeps its layers is not known"
    return None


ADAPTERS = Method(
    name="adapters",
    summary="small layers between the encoder's own, kept when served",
    prepare=_prepare,
    defaults=Defaults(
        learning_rate={
            Regime.ONE_LABEL: 1e-3,
            Regime.SEVERAL_LABELS: 1e-3,
            Regime.TAGS: 2e-3,
            Regime.SPAN: 2e-3,
            Regime.NUMBER: 1e-3,
            Regime.MARKS: 2e-3,
        },
        head_factor={Regime.ONE_LABEL: 0.125},
        epochs={Regime.ONE_LABEL: 6},
    ),
    refusal=_refusal,
)
