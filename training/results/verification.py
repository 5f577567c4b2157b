"""Load a saved model again and compare it, before its run is complete."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import nn

from burnish.arrays import FloatArray
from burnish.errors import RunError
from burnish.tasks import Encoding, Task
from burnish.torch_models.base import BaseModel, Pooling
from burnish.torch_models.checkpoint import load_checkpoint
from burnish.torch_models.heads import head_module
from burnish.torch_models.logits import predict_logits

__all__ = ["verify_checkpoint"]

_TOLERANCE = 1e-5
_TEXTS = 32


def verify_checkpoint(
    directory: Path,
    model: nn.Module,
    *,
    base: BaseModel,
    task: Task,
    pooling: Pooling,
    encodings: Sequence[Encoding],
) -> float:
    """The largest difference of a logit between the trained and the saved model.

    Raises:
        RunError: the difference is too large.
    """
    sample = encodings[:_TEXTS]
    loaded = load_checkpoint(directory, base=base, task=task, pooling=pooling)
    pairs = zip(
        predict_logits(model, task, sample), predict_logits(loaded, task, sample), strict=True
    )
    difference = max(
        _difference(one, other)
        for ones, others in pairs
        for one, other in zip(ones, others, strict=True)
    )
    if not difference <= _tolerance(model, task):
        raise RunError(
            f"the saved model differs from the trained one by up to {difference:.3g} in its logits",
            "this is a bug with this base model's architecture: please report it with the "
            "model's name; method: full or another base model may work",
        )
    return difference


def _difference(one: FloatArray, other: FloatArray) -> float:
    return float(np.abs(one - other).max()) if one.shape == other.shape else math.inf


def _tolerance(model: nn.Module, task: Task) -> float:
    """The rounding of a pooled vector, times the largest weight that it meets in the head."""
    if not task.head.of_windows:
        return _TOLERANCE
    return _TOLERANCE * max(1.0, float(head_module(model)[1].weight.detach().abs().max()))
