"""What ``auto`` stands for: values measured on several tasks, by method, task and model size.

What a method needs of its own lies in its file (`Defaults`). One label
starts from a probe that is nearly right: at 2e-4 banking77 falls from 0.916 to 0.859 in its first
epoch; several labels start from one that is not. A head that starts at random has further to go;
one that starts at the probe is nearly there, and adapters take large steps.
"""

from __future__ import annotations

from typing import Any, Literal

from burnish.errors import ConfigError
from burnish.recipe.fields import SHORTEST
from burnish.recipe.recipe import Recipe
from burnish.runtime.cpus import usable_cpus
from burnish.torch_models.base import BaseModel, Pooling

from ..distributed.device import choose_device, choose_precision
from ..distributed.processes import process_count, processes_here
from ..methods import Defaults, find_method

__all__ = ["check_window", "resolve_recipe", "window_length"]

_EPOCHS = {"classification": 5, "several labels": 5, "extraction": 8, "qa": 5}
_BATCH_SIZE = {"classification": 32, "several labels": 16, "extraction": 16, "qa": 16}
_WINDOW = {"classification": (128, 32), "extraction": (128, 32), "qa": (384, 128)}

_MEASURED_SIZE = 384
"""Hidden size of the models that the rates were measured on."""
_KEEP_STRENGTH = {"none": 1.0, "l2": 1000.0}
"""By ``train.regularization``; that of none is never asked."""

_SEEDS, _MANY_ROWS = 3, 2000
"""With fewer rows the seed moves a score by more than most settings do (Dodge et al. 2020)."""


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
    kind = "several labels" if multi_label else recipe.task
    own = find_method(recipe.method).defaults
    given = recipe.train
    max_length = window_length(recipe, base)
    rate = _rate(own, base, kind) if given.learning_rate == "auto" else given.learning_rate
    device = choose_device(given.device)
    values: dict[str, Any] = {
        "device": device,
        "precision": choose_precision(given.precision, device),
        "epochs": own.epochs.get(kind, _EPOCHS[kind]),
        "batch_size": _batch_size(own, kind),
        "learning_rate": rate,
        "head_learning_rate": rate * own.head_factor.get(kind, 1.0),
        "max_length": max_length,
        "schedule": "linear",
        "layer_decay": 1.0,
        "gradual_unfreezing": False,
        "regularization_strength": _KEEP_STRENGTH[given.regularization],
        "synthetic_questions": own.synthetic_questions.get(kind, 0.0),
        "embeddings": "frozen" if kind == "qa" else "tuned",
        "attention_dropout": "none" if kind == "qa" else "base",
        "stride": min(_WINDOW[recipe.task][1], max_length // 4),
        "threads": max(1, usable_cpus() // processes_here()),
        "seeds": _SEEDS if rows < _MANY_ROWS else 1,
    }
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


def _batch_size(own: Defaults, kind: str) -> int:
    """What suits, made a multiple of the processes that share it."""
    size = own.batch_size.get(kind, _BATCH_SIZE[kind])
    return -(-size // process_count()) * process_count()


def window_length(recipe: Recipe, base: BaseModel) -> int:
    """The window in tokens, that of ``auto`` included; a prefix takes its part of the positions."""
    if recipe.train.max_length != "auto":
        return recipe.train.max_length
    window = _WINDOW[recipe.task][0]
    if base.positions is None:
        return window
    taken = find_method(recipe.method).positions(recipe)
    return max(SHORTEST, min(window, base.positions - taken))


def _rate(own: Defaults, base: BaseModel, kind: str) -> float:
    """Larger models need smaller steps; full tuning more so than adapters."""
    size = max(base.hidden_size, _MEASURED_SIZE) / _MEASURED_SIZE
    return float(f"{own.learning_rate[kind] / size**own.size_power:.2g}")


def _pooling(recipe: Recipe, base: BaseModel, own: Defaults) -> Pooling | Literal["auto"]:
    """The recipe's, or the method's where neither the recipe nor the base declares one."""
    undeclared = recipe.pooling == "auto" and base.declared_pooling is None
    return own.pooling if own.pooling and undeclared else recipe.pooling


def _is_directory(recipe: Recipe, base: BaseModel) -> bool:
    return base.revision is None and recipe.base_model != "minilm"


def _absolute_files(recipe: Recipe) -> dict[str, Any]:
    files = {key: getattr(recipe.data, key) for key in ("train", "validation", "test")}
    return {
        key: value.absolute() if hasattr(value, "absolute") else value
        for key, value in files.items()
    }
