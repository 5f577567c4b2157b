"""A recipe as callers give it: a file, a `Recipe`, or its keys."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.recipe.recipe import Recipe

    GivenRecipe = Recipe | Mapping[str, Any] | str | os.PathLike[str]

__all__ = ["given_recipe", "listed"]


def given_recipe(recipe: object, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe with its overrides, checked.

    Relative paths in a file are relative to the file, all others to the working directory.

    Raises:
        ConfigError: the recipe is wrong; the message names each wrong key.
        UsageError: it is none of these.
    """
    from burnish.errors import UsageError
    from burnish.recipe.recipe import Recipe, load_recipe, parse_recipe

    if isinstance(recipe, str | os.PathLike):
        return load_recipe(recipe, listed(overrides))
    if isinstance(recipe, Recipe):
        recipe = recipe.model_dump(mode="json", exclude_unset=True)
    if not isinstance(recipe, Mapping):
        raise UsageError(
            f"no recipe can be read from the type {type(recipe).__name__}",
            "give a recipe file, a Recipe, or its keys as nested dictionaries",
        )
    return parse_recipe(recipe, overrides=listed(overrides), directory=Path.cwd())


def listed(overrides: Sequence[str]) -> list[str]:
    """Overrides as a list; a single one needs none."""
    return [overrides] if isinstance(overrides, str) else [*overrides]
