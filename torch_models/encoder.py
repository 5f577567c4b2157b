"""The encoder inside a task's model."""

from __future__ import annotations

from typing import Any

from torch import nn

from burnish.torch_models.build import is_writer
from burnish.torch_models.inner import inner_model
from burnish.torch_models.pooled import PooledClassifier
from burnish.torch_models.structures import StructuredModel

__all__ = ["encoder_of"]


def encoder_of(model: nn.Module) -> Any:
    """The encoder of a task's model, with its adapters."""
    inner: Any = inner_model(model)
    if isinstance(inner, StructuredModel):
        inner = inner.module
    if is_writer(inner):
        return inner.get_encoder()
    return inner.encoder if isinstance(inner, PooledClassifier) else inner.base_model
