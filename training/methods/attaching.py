"""A structure put into a built model: it is trained, with the head and what the base lacks."""

from __future__ import annotations

from torch import nn

from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel
from burnish.torch_models.structures import Structure, attach

__all__ = ["attach_trained"]


def attach_trained(built: BuiltModel, base: BaseModel, structure: Structure) -> nn.Module:
    """The model with the structure in it, and nothing trainable but what a checkpoint holds."""
    model = attach(built, structure, family=base.family)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in model.own)
    return model
