"""Prefixes: trained keys and values before every layer's own.

With a network that makes them while they are trained (Li & Liang 2021), which is folded away
before they are saved, or as parameters themselves, the deep prompts of P-tuning v2 (Liu et al.
2022).
"""

from __future__ import annotations

from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.regimes import Regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.structures import PREFIX_FAMILIES, Prefix

from .attaching import attach_trained
from .method import Cell, Defaults, Method

__all__ = ["PREFIX"]


def _prepare(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model with a prefix in every layer, drawn at random."""
    settings = recipe.prefix
    bottleneck = settings.bottleneck if settings.reparametrization else None
    return attach_trained(built, base, Prefix(length=settings.length, bottleneck=bottleneck))


def _refusal(cell: Cell) -> str | None:
    if cell.family not in PREFIX_FAMILIES:
        return f"where a {cell.family!r} model computes attention is not known"
    length, positions = cell.recipe.prefix.length, cell.positions
    if positions is not None and cell.max_length + length > positions:
        return (
            f"a window of {cell.max_length} tokens behind a prefix of {length} is more than the "
            f"{positions} positions over which the base has learnt to attend"
        )
    return None


PREFIX = Method(
    name="prefix",
    summary="trained keys and values before each layer's own, kept when served",
    prepare=_prepare,
    defaults=Defaults(
        learning_rate={
            Regime.ONE_LABEL: 2e-3,
            Regime.SEVERAL_LABELS: 2e-3,
            Regime.TAGS: 5e-3,
            Regime.SPAN: 5e-3,
            Regime.NUMBER: 2e-3,
            Regime.MARKS: 5e-3,
        },
        head_factor={Regime.ONE_LABEL: 0.125},
        epochs={Regime.ONE_LABEL: 6},
    ),
    refusal=_refusal,
    starts_unchanged=False,
    positions=lambda recipe: recipe.prefix.length,
)
