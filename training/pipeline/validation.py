"""Every refusal of a recipe: before anything is read, with its base, and with its rows.

A check lies beside what it knows, in the file of a method, a tracker, a device; it is called from
here alone. Every command that reads a recipe's rows calls these functions or
:func:`burnish.training.pipeline.preparation.prepare`, which does, so that none can forget a check.
"""

from __future__ import annotations

from collections.abc import Collection

from burnish.data.shares import require_validation
from burnish.errors import ConfigError
from burnish.recipe.recipe import Recipe
from burnish.recipe.validation import validate_keys
from burnish.recipe.writing import NEW
from burnish.tasks.heads import Head
from burnish.tasks.table import TASKS, find_task
from burnish.torch_models.base import BaseModel
from burnish.torch_models.support import check_task

from ..distributed.device import choose_device
from ..distributed.processes import check_shares
from ..evaluation.subgroups import check_fairlearn
from ..loop.trackers import check_tracker
from ..loop.unfreezing import check_layers
from ..methods import Cell, check_cell, find_method
from ..tasks import TRAINING_TASKS
from .defaults import check_window, window_length

__all__ = ["validate_parts", "validate_recipe", "validate_with_base", "validate_with_rows"]


def validate_recipe(recipe: Recipe, *, given: Collection[str] = ()) -> None:
    """Refuse what can be refused before anything is read: no such method, package, GPU.

    Args:
        recipe: as it was read.
        given: names of the parts whose rows come from elsewhere than the recipe says.

    Raises:
        ConfigError: names the key, and how to fix it.
        DataError: the shares leave nothing to train on.
        MissingExtraError: a package that the recipe needs is not installed.
    """
    method = find_method(recipe.method)
    method.check_recipe(recipe)
    if recipe.distill.teacher is not None and _writes(recipe):
        raise ConfigError(
            f"distill -> teacher: no model learns {recipe.task} from a teacher's answers",
            "train a smaller base on the rows themselves",
        )
    if recipe.distill.teacher is not None and method.stage is not None:
        raise ConfigError(
            f"distill -> teacher: method: {method.name} learns from pairs of rows, not from a "
            "teacher's answers",
            "set method=full or method=lora, or leave distill.teacher out",
        )
    if recipe.base_model == NEW and not method.from_nothing:
        raise ConfigError(
            f"method: {method.name} tunes what a model knows, and a new one knows nothing yet",
            "set method=full",
        )
    validate_keys(recipe, given=given)
    _check_synthetic_questions(recipe)
    check_tracker(recipe)
    check_fairlearn(recipe.data.subgroups)
    choose_device(recipe.train.device)
    check_shares(recipe.train.batch_size, method=method.name, alone=method.alone)


def validate_parts(recipe: Recipe, *, given: Collection[str] = ()) -> None:
    """Refuse a training without validation rows; ``burnish check`` reports that among the rest.

    Raises:
        DataError: neither the recipe nor ``given`` names any.
    """
    if "validation" not in given:
        require_validation(recipe.data.validation)


def validate_with_base(recipe: Recipe, base: BaseModel) -> None:
    """Refuse what cannot be done with a base, before its model is built or a row is read.

    Raises:
        BaseModelError: it cannot be exported for the task, the window is longer than it reads, or
            the order of its layers is needed and not known.
        ConfigError: the method cannot tune it, or not so.
    """
    check_task(base.family, recipe.task, name=base.name)
    check_window(recipe, base)
    check_cell(
        Cell(
            recipe=recipe,
            family=base.family,
            positions=base.positions,
            max_length=window_length(recipe, base),
        )
    )
    check_layers(recipe.train, family=base.family, layers=base.layers)
    find_method(recipe.method).check_base(recipe, base)


def validate_with_rows(recipe: Recipe, *, multi_label: bool) -> None:
    """Refuse rows that the recipe's method does not learn from, before a model is built.

    Args:
        recipe: its method.
        multi_label: whether a row may have several labels.

    Raises:
        ConfigError: says which method does.
    """
    find_method(recipe.method).check_rows(multi_label=multi_label)


def _check_synthetic_questions(recipe: Recipe) -> None:
    if recipe.train.synthetic_questions not in ("auto", 0) and not _can_practise(recipe.task):
        raise ConfigError(
            f"train -> synthetic_questions: {recipe.train.synthetic_questions:g} questions per row "
            f"are for {' and '.join(filter(_can_practise, TASKS))} alone",
            "leave train.synthetic_questions out",
        )


def _writes(recipe: Recipe) -> bool:
    return find_task(recipe.task).settings.head is Head.WRITTEN


def _can_practise(task: str) -> bool:
    return TRAINING_TASKS[task].practice is not None
