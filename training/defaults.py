"""What ``auto`` stands for: values measured on several tasks, by method, task and model size."""

from __future__ import annotations

from typing import Any, Literal

from burnish.config import Recipe
from burnish.errors import ConfigError
from burnish.recipe.fields import SHORTEST
from burnish.runtime.cpus import usable_cpus
from burnish.torch_models.base import BaseModel, Pooling

from .device import choose_device, choose_precision
from .processes import process_count, processes_here

__all__ = ["check_window", "resolve_recipe", "window_length"]

_EPOCHS = {"classification": 5, "several labels": 5, "extraction": 8, "qa": 5}
_METHOD_EPOCHS = {
    ("lora", "classification"): 6,
    ("adapters", "classification"): 6,
    ("prefix", "classification"): 6,
    ("ia3", "classification"): 6,
    ("setfit", "classification"): 3,
}
"""Where a method needs others than its task."""
_BATCH_SIZE = {"classification": 32, "several labels": 16, "extraction": 16, "qa": 16}
_METHOD_BATCH_SIZE = {("setfit", "classification"): 64}
"""The pairs of a batch are what setfit learns from."""
_WINDOW = {"classification": (128, 32), "extraction": (128, 32), "qa": (384, 128)}

_MEASURED_SIZE = 384
"""Hidden size of the models that the rates were measured on."""
_LEARNING_RATE = {
    ("full", "classification"): 5e-5,
    ("full", "several labels"): 2e-4,
    ("full", "extraction"): 3e-4,
    ("full", "qa"): 2e-4,
    ("setfit", "classification"): 5e-5,
    ("lora", "classification"): 8e-4,
    ("lora", "several labels"): 1e-3,
    ("lora", "extraction"): 2e-3,
    ("lora", "qa"): 2e-3,
    ("adapters", "classification"): 1e-3,
    ("adapters", "several labels"): 1e-3,
    ("adapters", "extraction"): 2e-3,
    ("adapters", "qa"): 2e-3,
    ("prefix", "classification"): 2e-3,
    ("prefix", "several labels"): 2e-3,
    ("prefix", "extraction"): 5e-3,
    ("prefix", "qa"): 5e-3,
    ("ia3", "classification"): 5e-3,
    ("ia3", "several labels"): 5e-3,
    ("ia3", "extraction"): 1e-2,
    ("ia3", "qa"): 1e-2,
    ("head", "classification"): 1e-4,
    ("head", "several labels"): 1e-3,
    ("head", "extraction"): 5e-3,
    ("head", "qa"): 5e-3,
}
"""For that size. One label starts from a probe that is nearly right: at 2e-4 banking77
falls from 0.916 to 0.859 in its first epoch; several labels start from one that is not."""
_HEAD_FACTOR = {
    ("full", "qa"): 5.0,
    ("lora", "classification"): 0.125,
    ("adapters", "classification"): 0.125,
    ("prefix", "classification"): 0.125,
    ("ia3", "classification"): 0.025,
}
"""Head's learning rate by the encoder's, where they differ. A head that starts at random has
further to go; one that starts at the probe is nearly there, and adapters take large steps."""

_CLOZE = {("full", "qa"): 4.0}
"""Made-up questions a labelled one, where they were measured to help."""

_KEEP_STRENGTH = {"none": 1.0, "l2": 1000.0}
"""By ``train.keep``; that of none is never asked."""

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
    given = recipe.train
    max_length = window_length(recipe, base)
    rate = _rate(recipe, base, kind) if given.learning_rate == "auto" else given.learning_rate
    device = choose_device(given.device)
    values: dict[str, Any] = {
        "device": device,
        "precision": choose_precision(given.precision, device),
        "epochs": _METHOD_EPOCHS.get((recipe.method, kind), _EPOCHS[kind]),
        "batch_size": _batch_size(recipe.method, kind),
        "learning_rate": rate,
        "head_learning_rate": rate * _HEAD_FACTOR.get((recipe.method, kind), 1.0),
        "max_length": max_length,
        "schedule": "linear",
        "layer_decay": 1.0,
        "unfreezing": "all",
        "keep_strength": _KEEP_STRENGTH[given.keep],
        "cloze": _CLOZE.get((recipe.method, kind), 0.0),
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
            "pooling": _pooling(recipe, base),
            "base_model": str(base.path) if _is_directory(recipe, base) else recipe.base_model,
            "revision": base.revision,
            "output": recipe.output.absolute(),
        }
    )


def _batch_size(method: str, kind: str) -> int:
    """What suits, made a multiple of the processes that share it."""
    size = _METHOD_BATCH_SIZE.get((method, kind), _BATCH_SIZE[kind])
    return -(-size // process_count()) * process_count()


def window_length(recipe: Recipe, base: BaseModel) -> int:
    """The window in tokens, that of ``auto`` included; a prefix takes its part of the positions."""
    if recipe.train.max_length != "auto":
        return recipe.train.max_length
    window = _WINDOW[recipe.task][0]
    if base.positions is None:
        return window
    taken = recipe.prefix.length if recipe.method == "prefix" else 0
    return max(SHORTEST, min(window, base.positions - taken))


def _rate(recipe: Recipe, base: BaseModel, kind: str) -> float:
    """Larger models need smaller steps; full tuning more so than adapters."""
    rate = _LEARNING_RATE.get((recipe.method, kind), _LEARNING_RATE["full", kind])
    size = max(base.hidden_size, _MEASURED_SIZE) / _MEASURED_SIZE
    power = 2.0 if recipe.method in ("full", "setfit") else 1.0
    return float(f"{rate / size**power:.2g}")


def _pooling(recipe: Recipe, base: BaseModel) -> Pooling | Literal["auto"]:
    """Pairs are compared by the vectors of whole texts; an untrained pooler gives none."""
    undeclared = recipe.pooling == "auto" and base.declared_pooling is None
    return "mean" if recipe.method == "setfit" and undeclared else recipe.pooling


def _is_directory(recipe: Recipe, base: BaseModel) -> bool:
    return base.revision is None and recipe.base_model != "minilm"


def _absolute_files(recipe: Recipe) -> dict[str, Any]:
    files = {key: getattr(recipe.data, key) for key in ("train", "validation", "test")}
    return {
        key: value.absolute() if hasattr(value, "absolute") else value
        for key, value in files.items()
    }
