"""Merging an adapter into its base, in fp32: bf16 would cost 1e-3 of a logit."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from burnish.errors import RunError
from burnish.torch_models.checkpoint import has_adapter
from burnish.torch_models.quiet import quiet

__all__ = ["merge_adapter"]


def merge_adapter(model: nn.Module) -> nn.Module:
    """Merge an adapter into its base, in place.

    Returns:
        The plain module, in eval mode; the given one where it has no adapter.

    Raises:
        RunError: a weight is not fp32, or a part of the adapter cannot be merged.
    """
    if not has_adapter(model):
        return model.eval()
    odd = {str(p.dtype) for p in model.parameters() if p.dtype != torch.float32}
    if odd:
        raise RunError(f"the adapter or its base has weights in {', '.join(sorted(odd))}, not fp32")
    adapter: Any = model
    with quiet(), torch.no_grad():
        merged: nn.Module = adapter.merge_and_unload(safe_merge=True)
    marks = ("lora_", "ia3_", "adapter")
    left = [name for name, _ in merged.named_parameters() if any(mark in name for mark in marks)]
    if left:
        raise RunError(f"the adapter is not merged in full: {left[0]} is left")
    return merged.eval()
