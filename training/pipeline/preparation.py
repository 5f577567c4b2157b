"""From a recipe as it was written to a base, rows, and the recipe as it is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from burnish.data import DataSet, Split
from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe
from burnish.tasks.heads import Head
from burnish.tasks.table import TASKS, find_task
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.support import check_task

from ..data.splits import read_split
from ..evaluation.bias import check_terms
from ..evaluation.subgroups import check_fairlearn
from ..loop.trackers import check_tracker
from ..methods import Cell, check_cell, find_method
from ..tasks import TRAINING_TASKS
from .defaults import check_window, resolve_recipe, window_length

__all__ = ["check_options", "find_base", "prepare"]


def prepare(
    recipe: Recipe, data: DataSet | Mapping[str, DataSet] | None = None
) -> tuple[BaseModel, Split, Recipe]:
    """Find the base, read the rows and fill in every ``auto``; what cannot be done is refused.

    Args:
        recipe: that passed :func:`check_options`.
        data: as for :func:`burnish.training.train`.

    Raises:
        ConfigError, DataError, BaseModelError: as in a training.
    """
    base = find_base(recipe)
    split = read_split(recipe, data)
    multi_label = split.sources["train"].multi_label
    find_method(recipe.method).check_rows(multi_label=multi_label)
    rows = len(split.parts["train"])
    return base, split, resolve_recipe(recipe, base, rows=rows, multi_label=multi_label)


def find_base(recipe: Recipe) -> BaseModel:
    """Find a recipe's base, and refuse what cannot be done with it, before a row is read.

    Raises:
        BaseModelError: it is refused, cannot be exported for the task, or the window is longer
            than it reads.
        ConfigError: the method cannot tune it.
    """
    base = resolve_base(recipe.base_model, recipe.revision)
    check_task(base.family, recipe.task, name=base.name)
    check_window(recipe, base)
    check_cell(_cell(recipe, base))
    return base


def _cell(recipe: Recipe, base: BaseModel) -> Cell:
    return Cell(
        recipe=recipe,
        family=base.family,
        positions=base.positions,
        max_length=window_length(recipe, base),
    )


def check_options(recipe: Recipe) -> None:
    """What a recipe cannot say of itself, before anything is read.

    Raises:
        ConfigError: names the key, and how to fix it.
    """
    find_method(recipe.method).check_recipe(recipe)
    check_tracker(recipe)
    check_terms(recipe.bias)
    check_fairlearn(recipe.data.subgroups)
    if not _gives_labels(recipe.task):
        _check_unlabelled(recipe)
    if recipe.abstain and recipe.abstain.reject and recipe.data.out_of_scope is None:
        raise ConfigError(
            f"abstain -> reject: {recipe.abstain.reject:g} of the rows out of scope, but the "
            "recipe names none",
            "name their label: data.out_of_scope=LABEL; or choose a score: 'abstain={score: 0.7}'",
        )
    if recipe.train.regularization == "mixout":
        raise ConfigError(
            "train -> regularization: mixout was removed in burnish 0.2.0",
            "use L2 regularization instead: train.regularization=l2 "
            "train.regularization_strength=auto",
        )
    if recipe.train.synthetic_questions not in ("auto", 0) and not _can_practise(recipe.task):
        raise ConfigError(
            f"train -> synthetic_questions: {recipe.train.synthetic_questions:g} questions per row "
            f"are for {_tasks(_can_practise)} alone",
            "leave train.synthetic_questions out",
        )


def _check_unlabelled(recipe: Recipe) -> None:
    """Refuse what only rows with labels can have."""
    where = f"{_tasks(_gives_labels)} alone"
    if recipe.train.class_weights != "none":
        raise ConfigError(
            f"train -> class_weights: {recipe.train.class_weights} is for {where}",
            "set train.class_weights=none",
        )
    if recipe.data.out_of_scope is not None:
        raise ConfigError(
            f"data -> out_of_scope: {recipe.data.out_of_scope} is for {where}",
            "leave data.out_of_scope out",
        )


def _gives_labels(task: str) -> bool:
    return find_task(task).settings.head is Head.SEQUENCE


def _can_practise(task: str) -> bool:
    return TRAINING_TASKS[task].practice is not None


def _tasks(able: Callable[[str], bool]) -> str:
    return " and ".join(filter(able, TASKS))
