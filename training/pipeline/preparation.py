"""From a recipe as it was written to a base, rows, and the recipe as it is meant."""

from __future__ import annotations

from collections.abc import Mapping

from burnish.data import DataSet, Split
from burnish.recipe.recipe import Recipe
from burnish.recipe.writing import NEW
from burnish.torch_models.base import BaseModel, resolve_base

from ..data.splits import read_split
from .defaults import resolve_recipe
from .new_base import make_base
from .validation import validate_parts, validate_recipe, validate_with_base, validate_with_rows

__all__ = ["find_base", "prepare"]


def prepare(
    recipe: Recipe, data: DataSet | Mapping[str, DataSet] | None = None
) -> tuple[BaseModel, Split, Recipe]:
    """Find the base, read the rows and fill in every ``auto``; what cannot be done is refused.

    Args:
        recipe: as it was read.
        data: as for :func:`burnish.training.train`.

    Raises:
        ConfigError, DataError, BaseModelError, MissingExtraError: as in a training.
    """
    given = tuple(data) if isinstance(data, Mapping) else ()
    validate_recipe(recipe, given=given)
    validate_parts(recipe, given=given)
    split = read_split(recipe, data) if recipe.base_model == NEW else None
    base = find_base(recipe, split)
    split = split or read_split(recipe, data)
    multi_label = split.sources["train"].multi_label
    validate_with_rows(recipe, multi_label=multi_label)
    rows = len(split.parts["train"])
    return base, split, resolve_recipe(recipe, base, rows=rows, multi_label=multi_label)


def find_base(recipe: Recipe, split: Split | None = None) -> BaseModel:
    """Find a recipe's base, and refuse what cannot be done with it, before a row is read.

    Args:
        recipe: as it was read.
        split: the rows that a new base is made of, if it is to be one.

    Raises:
        BaseModelError: it is refused.
        BaseModelError, ConfigError: as
            :func:`burnish.training.pipeline.validation.validate_with_base`.
    """
    if recipe.base_model == NEW and split is not None:
        base = make_base(recipe, split)
    else:
        base = resolve_base(recipe.base_model, recipe.revision)
    validate_with_base(recipe, base)
    return base
