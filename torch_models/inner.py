"""The model inside a wrapper."""

from __future__ import annotations

from torch import nn

__all__ = ["inner_model"]


def inner_model(model: nn.Module) -> nn.Module:
    """The model inside a PEFT wrapper, whose own forward hides the input names."""
    inner = getattr(model, "get_base_model", None)
    return inner() if inner is not None else model
