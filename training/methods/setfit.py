"""SetFit (Tunstall et al. 2022): every weight, tuned by pairs of texts; the head is fitted."""

from __future__ import annotations

from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe
from burnish.tasks.heads import Head
from burnish.tasks.regimes import Regime
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel

from .full import FULL
from .method import Cell, Defaults, Method
from .setfit_pairs import nothing_tuned, pairs_stage

__all__ = ["SETFIT"]


def _refusal(cell: Cell) -> str | None:
    if cell.head is not Head.SEQUENCE:
        return "it compares whole texts by their class, and this task has none"
    if find_task(cell.recipe.task).settings.has_tree:
        return "it compares texts by one class each, and labels in a tree have their parents too"
    if cell.recipe.train.gradual_unfreezing is True:
        return "gradual_unfreezing tunes the head alone at first, and setfit fits its head"
    return None


def _check_recipe(recipe: Recipe) -> None:
    if recipe.head == "keep":
        raise ConfigError(
            "head: keep is for other methods: setfit fits its head on the tuned vectors",
            "leave head out, or set method=full",
        )
    if recipe.train.regularization != "none":
        raise ConfigError(
            f"train -> regularization: {recipe.train.regularization} is for other methods: setfit "
            "mixes its weights with the base model's at the end",
            "leave train.regularization out; setfit.weight_ensemble is the share of tuned weights",
        )


def _check_base(recipe: Recipe, base: BaseModel) -> None:
    """Above the layers only an architecture's own pooling has weights that the pairs can tune."""
    all_frozen = base.layers is not None and recipe.train.freeze >= base.layers
    if all_frozen and recipe.pooling != "native":
        raise nothing_tuned(recipe)


def _check_rows(*, multi_label: bool) -> None:
    if multi_label:
        raise ConfigError(
            "method: setfit needs one label per text: two texts that share some of their labels "
            "are neither alike nor different",
            "set method=full or method=lora",
        )


SETFIT = Method(
    name="setfit",
    summary="every weight, by pairs of texts: for a few rows per class",
    prepare=FULL.prepare,
    defaults=Defaults(
        learning_rate={Regime.ONE_LABEL: 5e-5},
        size_power=2.0,
        epochs={Regime.ONE_LABEL: 3},
        batch_size={Regime.ONE_LABEL: 64},  # the pairs of a batch are what it learns from
        pooling="mean",  # pairs are compared by whole texts' vectors; an untrained pooler has none
    ),
    refusal=_refusal,
    check_recipe=_check_recipe,
    check_base=_check_base,
    check_rows=_check_rows,
    stage=pairs_stage,
    alone="its pairs are not cut between processes",
)
