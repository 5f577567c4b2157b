"""Tuning methods: one file and one line in the table each."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from torch import nn

from burnish.config import Recipe
from burnish.errors import ConfigError
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import BuiltModel

from .full import prepare_full
from .lora import prepare_lora

__all__ = ["METHODS", "Prepare", "find_method"]

Prepare = Callable[[BuiltModel, BaseModel, Recipe], nn.Module]
"""From a built model to the one that is trained: ``requires_grad`` set, adapters put in."""

METHODS: dict[str, Prepare] = {"full": prepare_full, "lora": prepare_lora}


def find_method(name: str) -> Prepare:
    """The method of a recipe.

    Raises:
        ConfigError: there is none of that name.
    """
    if name in METHODS:
        return METHODS[name]
    near = difflib.get_close_matches(name, METHODS, n=1)
    known = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(METHODS))}"
    raise ConfigError(f"method: {name!r} is not a tuning method; {known}")
