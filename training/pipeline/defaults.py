"""What ``auto`` stands for: values measured on several tasks, by method, regime and model size.

What a method needs of its own lies in its file (`Defaults`). One label
starts from a probe that is nearly right: at 2e-4 banking77 falls from 0.916 to 0.859 in its first
epoch; several labels start from one that is not. A head that starts at random has further to go;
one that starts at the probe is nearly there, and adapters take large steps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from burnish.errors import ConfigError
from burnish.recipe.fields import SHORTEST
from burnish.recipe.recipe import Recipe
from burnish.recipe.writing import NEW
from burnish.runtime.cpus import usable_cpus
from burnish.tasks.regimes import Regime, regime_of
from burnish.tasks.table import find_task
from burnish.torch_models.base import BaseModel, Pooling

from ..distributed.device import choose_device, choose_precision
from ..distributed.processes import process_count, processes_here
from ..methods import Defaults, find_method
from ..methods.method import FEW_ROWS
from ..tasks import TRAINING_TASKS

__all__ = ["check_window", "resolve_recipe", "window_length"]

_EPOCHS = {**dict.fromkeys(Regime, 5), Regime.TAGS: 8, Regime.WRITTEN: 10}
_BATCH_SIZE = {**dict.fromkeys(Regime, 16), Regime.ONE_LABEL: 32}

_MEASURED_SIZE = 384
"""Hidden size of the models that the rates were measured on."""
_KEEP_STRENGTH = {"none": 1.0, "l2": 1000.0}
"""By ``train.regularization``; that of none is never asked."""

_TAUGHT_RATE, _TAUGHT_EPOCHS = 2e-4, 8
"""Of a student with one label: it starts from fewer layers than were tuned, so it has further to
go than a base at its probe. Half of the layers of a model for banking77 reached 0.931 of the test
rows with them, and 0.926 with 5e-5 and 5 epochs; the teacher 0.932."""
_STATIC_RATE, _STATIC_EPOCHS = 2e-3, 10
"""Of a student without layers, whose token vectors are all that learns: banking77 0.908."""

_NEW_RATE, _NEW_EPOCHS, _NEW_BATCH = 1e-3, 40, 32
"""Of a model from scratch."""

_PATIENCE = 2
_SEEDS = 3
"""With few rows the seed moves a score by more than most settings do (Dodge et al. 2020)."""


def check_window(recipe: Recipe, base: BaseModel) -> None:
    """Refuse a window that the base cannot read, and a stride that the window has no room for.

    Raises:
        BaseModelError: the window is longer than the base's positions.
        ConfigError: the stride is more than half of it.
    """
    window, stride = window_length(recipe, base), recipe.train.stride
    base.check_length(window)
    if stride != "auto" and stride > window // 2:
        raise ConfigError(
            f"train -> stride: {stride} is more than half of max_length, {window} here",
            f"set train.stride=auto or at most {window // 2}, or a larger train.max_length",
        )


def resolve_recipe(
    recipe: Recipe, base: BaseModel, *, rows: int, multi_label: bool = False
) -> Recipe:
    """A copy of the recipe without ``auto``, with absolute paths and the hub's commit.

    Args:
        recipe: as it was read.
        base: the base model.
        rows: how many are trained on.
        multi_label: whether a text may have several labels.
    """
    recipe = TRAINING_TASKS[recipe.task].settle(recipe, base)
    regime = regime_of(find_task(recipe.task).settings.head, several_labels=multi_label)
    span = regime is Regime.SPAN
    own = find_method(recipe.method).defaults.of(rows)
    given = recipe.train
    max_length = window_length(recipe, base)
    if recipe.distill.teacher is not None:
        own = _of_a_student(own, base, regime)
    if recipe.base_model == NEW:
        own = _of_a_new_base(own, regime)
    rate = _rate(own, base, regime) if given.learning_rate == "auto" else given.learning_rate
    device = choose_device(given.device)
    values: dict[str, Any] = {
        "device": device,
        "precision": choose_precision(given.precision, device),
        "patience": _PATIENCE,
        "epochs": own.epochs.get(regime, _EPOCHS[regime]),
        "batch_size": _batch_size(own, regime),
        "learning_rate": rate,
        "head_learning_rate": rate * own.head_factor.get(regime, 1.0),
        "max_length": max_length,
        "schedule": "linear",
        "layer_decay": 1.0,
        "gradual_unfreezing": False,
        "regularization_strength": _KEEP_STRENGTH[given.regularization],
        "synthetic_questions": _synthetic_questions(recipe, own, regime),
        "embeddings": "frozen" if span else "tuned",
        "attention_dropout": "none" if span else "base",
        "stride": min(_own_default(recipe, "stride"), max_length // 4),
        "threads": max(1, usable_cpus() // processes_here()),
        "seeds": _SEEDS if rows < FEW_ROWS and regime is not Regime.WRITTEN else 1,
    }
    if rows < FEW_ROWS:  # what three answers say of an epoch is no reason to leave out the rest
        values["patience"] = values["epochs"] if given.epochs == "auto" else given.epochs
    chosen = {key: value for key, value in values.items() if getattr(given, key) == "auto"}
    return recipe.model_copy(
        update={
            "train": given.model_copy(update=chosen),
            "data": recipe.data.model_copy(update=_absolute_files(recipe)),
            "pooling": _pooling(recipe, base, own),
            "base_model": str(base.path) if _is_directory(recipe, base) else recipe.base_model,
            "revision": base.revision,
            "output": recipe.output.absolute(),
        }
    )


def _of_a_new_base(own: Defaults, regime: Regime) -> Defaults:
    return replace(
        own,
        learning_rate={**own.learning_rate, regime: _NEW_RATE},
        epochs={**own.epochs, regime: _NEW_EPOCHS},
        batch_size={**own.batch_size, regime: _NEW_BATCH},
    )


def _of_a_student(own: Defaults, base: BaseModel, regime: Regime) -> Defaults:
    if base.layers == 0:
        rate, epochs = _STATIC_RATE, _STATIC_EPOCHS
    elif regime is Regime.ONE_LABEL:
        rate, epochs = _TAUGHT_RATE, _TAUGHT_EPOCHS
    else:
        return own
    epochs = max(epochs, own.epochs.get(regime, 0))
    return replace(
        own,
        learning_rate={**own.learning_rate, regime: rate},
        epochs={**own.epochs, regime: epochs},
    )


def _batch_size(own: Defaults, regime: Regime) -> int:
    """What suits, made a multiple of the processes that share it."""
    size = own.batch_size.get(regime, _BATCH_SIZE[regime])
    return -(-size // process_count()) * process_count()


def window_length(recipe: Recipe, base: BaseModel) -> int:
    """The window in tokens, that of ``auto`` included; a prefix takes its part of the positions."""
    if recipe.train.max_length != "auto":
        return recipe.train.max_length
    window = _own_default(recipe, "max_length")
    if base.positions is None:
        return window
    taken = find_method(recipe.method).positions(recipe)
    return max(SHORTEST, min(window, base.positions - taken))


def _own_default(recipe: Recipe, key: str) -> int:
    """What a task's own settings begin with."""
    return int(find_task(recipe.task).settings.model_fields[key].default)


def _synthetic_questions(recipe: Recipe, own: Defaults, regime: Regime) -> float:
    """Per labelled row; none where the task makes none up."""
    if TRAINING_TASKS[recipe.task].practice is None:
        return 0.0
    return own.synthetic_questions.get(regime, 0.0)


def _rate(own: Defaults, base: BaseModel, regime: Regime) -> float:
    """Larger models need smaller steps; full tuning more so than adapters."""
    size = max(base.hidden_size, _MEASURED_SIZE) / _MEASURED_SIZE
    return float(f"{own.learning_rate[regime] / size**own.size_power:.2g}")


def _pooling(recipe: Recipe, base: BaseModel, own: Defaults) -> Pooling | Literal["auto"]:
    """The recipe's, or the method's where neither the recipe nor the base declares one."""
    undeclared = recipe.pooling == "auto" and base.declared_pooling is None
    return own.pooling if own.pooling and undeclared else recipe.pooling


def _is_directory(recipe: Recipe, base: BaseModel) -> bool:
    return base.revision is None and recipe.base_model != "minilm"


def _absolute_files(recipe: Recipe) -> dict[str, Any]:
    keys = ("train", "validation", "test", "taxonomy")
    files = {key: getattr(recipe.data, key) for key in keys}
    return {
        key: value.absolute() if hasattr(value, "absolute") else value
        for key, value in files.items()
    }
