"""The head alone: a frozen encoder, and whatever the base lacks on top of it."""

from __future__ import annotations

from torch import nn

from burnish.recipe.recipe import Recipe
from burnish.tasks.regimes import Regime
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel, head_module

from .method import Defaults, Method

__all__ = ["HEAD"]


def _prepare(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model with its head, and a pooler that the base lacks, trainable."""
    del base, recipe
    model = built.module.requires_grad_(False)
    _, head = head_module(model)
    head.requires_grad_(True)
    for name in built.missing:
        model.get_parameter(name).requires_grad_(True)
    return model


HEAD = Method(
    name="head",
    summary="only the head, on a frozen encoder",
    prepare=_prepare,
    defaults=Defaults(
        learning_rate={
            Regime.ONE_LABEL: 1e-4,
            Regime.SEVERAL_LABELS: 1e-3,
            Regime.TAGS: 5e-3,
            Regime.SPAN: 5e-3,
            Regime.NUMBER: 1e-3,
            Regime.MARKS: 5e-3,
        },
    ),
)
