"""Full fine-tuning: every weight is trained."""

from __future__ import annotations

from torch import nn

from burnish.config import Recipe
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel

__all__ = ["prepare_full"]


def prepare_full(built: BuiltModel, base: BaseModel, recipe: Recipe) -> nn.Module:
    """The model as it is, all of it trainable."""
    del base, recipe
    return built.module.requires_grad_(True)
