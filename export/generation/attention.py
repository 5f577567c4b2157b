"""Attention without masks: what a decoder step and an encoder of one unpadded text need.

A graph that is run text by text, one new token at a time, has nothing to mask: every query may see
every key. transformers builds masks all the same, unless an attention function of its own says that
it takes none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel

__all__ = ["unmasked_attention"]

_NAME = "burnish_unmasked"


def _attend(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float | None = None,
    position_bias: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """The ``eager`` attention of transformers, without its mask and its dropout.

    ``query`` is (beams, heads, tokens, size); ``key`` and ``value`` are (beams or 1, heads, length,
    size), since one text's keys serve all its beams. ``position_bias`` is T5's.
    """
    if attention_mask is not None:
        raise RuntimeError(f"{type(module).__name__} makes an attention mask of its own")
    scores = torch.matmul(query, key.transpose(2, 3))
    factor = query.size(-1) ** -0.5 if scaling is None else scaling
    if factor != 1:
        scores = scores * factor
    if position_bias is not None:
        scores = scores + position_bias
    mixed = torch.matmul(nn.functional.softmax(scores, dim=-1), value)
    return mixed.transpose(1, 2).contiguous(), None


def _no_mask(*_: Any, **__: Any) -> None:
    return None


@contextmanager
def unmasked_attention(model: PreTrainedModel) -> Iterator[None]:
    """Let a model and its parts attend without masks inside the block."""
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, _no_mask)
    parts = [each for each in model.modules() if isinstance(each, PreTrainedModel)]
    before = [each.config._attn_implementation for each in parts]
    try:
        for part in parts:
            part.set_attn_implementation(_NAME)
        yield
    finally:
        for part, name in zip(parts, before, strict=True):
            part.set_attn_implementation(name)
