"""Attention over a prefix and the text.

Most families of transformers compute attention through an interface: a function that is looked up
by the name in the configuration of the attention module. A prefixed module gets a configuration of
its own that names :func:`attend`, so the encoder's says what it said before, and its masks stay as
they are. DeBERTa-v2 and MPNet compute attention themselves, and get a forward method of ours.

A prefix has no positions: no rotation, no relative bias and no window applies to its keys, and
no padding hides them.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from torch.nn.functional import pad, scaled_dot_product_attention
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from burnish.torch_models.structures.places import Places, hang, layers
from burnish.torch_models.structures.prefix import (
    FlatPrefix,
    LayerPrefix,
    PrefixNetwork,
    PrefixShape,
    PrefixValues,
)
from burnish.torch_models.structures.structure import Prefix

__all__ = ["attend", "put_prefix"]

_INTERFACE = "burnish_prefix"


def put_prefix(encoder: Any, structure: Prefix, places: Places, *, family: str) -> None:
    """Put a prefix before the keys and values of every layer of an encoder, in place."""
    attentions: list[Any] = [each.get_submodule(places.keys) for each in layers(encoder, places)]
    shape = PrefixShape.of(encoder.config, structure, layers=len(attentions))
    values: PrefixValues = FlatPrefix(shape)
    if structure.bottleneck is not None:
        size = int(encoder.config.hidden_size)
        values = PrefixNetwork(shape, input_size=size, bottleneck=structure.bottleneck)
    hang(attentions[0], places.prefix, values)
    encoder.register_forward_pre_hook(values.make)
    encoder.register_forward_hook(values.drop, always_call=True)
    for index, attention in enumerate(attentions):
        attention.layer_prefix = LayerPrefix(values, index)
        if family in _FORWARDS:
            attention.forward = MethodType(_FORWARDS[family], attention)
        else:
            attention.config = copy.copy(attention.config)
            attention.config._attn_implementation = _INTERFACE


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """Attention by torch's kernel, in the form of transformers' interface.

    Args:
        module: the attention module, with its prefix.
        query: (batch, heads, length, head size), as keys and values.
        key: of the text.
        value: of the text.
        attention_mask: (batch, 1, length or 1, length): what may be seen, or what is added to the
            scores; None where everything may be seen.
        options: of the interface: ``scaling``, ``dropout`` and others.
    """
    prefix: LayerPrefix = module.layer_prefix
    if attention_mask is not None:
        attention_mask = _widened(attention_mask, prefix.length)
    key, value = prefix.before(key, value)
    result: tuple[torch.Tensor, None] = sdpa_attention_forward(
        module, query, key, value, attention_mask, **options
    )
    return result


AttentionInterface.register(_INTERFACE, attend)


def _widened(mask: torch.Tensor, length: int) -> torch.Tensor:
    """A mask that lets the prefix be seen: True in front, or nothing added to its scores."""
    filled = torch.ones if mask.dtype == torch.bool else torch.zeros
    front = filled((*mask.shape[:-1], length), dtype=mask.dtype, device=mask.device)
    return torch.cat([front, mask], dim=-1)


def _heads(module: Any, states: torch.Tensor) -> torch.Tensor:
    """(batch, length, hidden size) as (batch, heads, length, head size)."""
    # unflatten would write the traced batch and length into a graph
    split = states.view(*states.shape[:-1], module.num_attention_heads, module.attention_head_size)
    return split.transpose(1, 2)


def _context(
    module: Any,
    projected: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    added: torch.Tensor,
    *,
    scale: float,
) -> torch.Tensor:
    """Attention over the prefix and the text (batch, length, hidden size).

    Args:
        module: the attention module, with its prefix.
        projected: queries, keys and values of the text, by head.
        added: to the scores of the text; broadcasts to (batch, heads, length, length).
        scale: of the products of queries and keys.
    """
    query, key, value = projected
    key, value = module.layer_prefix.before(key, value)
    context = scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=pad(added, (module.layer_prefix.length, 0)),
        dropout_p=module.dropout.p if module.training else 0.0,
        scale=scale,
    )
    return context.transpose(1, 2).flatten(2)


def _mpnet(
    self: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor | None = None,
    position_bias: torch.Tensor | None = None,
    output_attentions: bool = False,
    **_: Any,
) -> tuple[torch.Tensor]:
    """``MPNetSelfAttention.forward`` with a prefix."""
    del output_attentions
    query, key, value = (_heads(self, part(hidden_states)) for part in (self.q, self.k, self.v))
    added = query.new_zeros(1, 1, 1, key.shape[2])
    for each in (position_bias, attention_mask):
        added = added if each is None else added + each
    context = _context(self, (query, key, value), added, scale=1 / math.sqrt(query.shape[-1]))
    return (self.o(context),)


def _deberta(
    self: Any,
    hidden_states: torch.Tensor,
    attention_mask: torch.Tensor,
    output_attentions: bool = False,
    query_states: torch.Tensor | None = None,
    relative_pos: torch.Tensor | None = None,
    rel_embeddings: torch.Tensor | None = None,
) -> tuple[torch.Tensor, None]:
    """``DisentangledSelfAttention.forward`` with a prefix, to which no distance is relative."""
    del output_attentions
    asking = hidden_states if query_states is None else query_states
    query = _heads(self, self.query_proj(asking))
    key = _heads(self, self.key_proj(hidden_states))
    value = _heads(self, self.value_proj(hidden_states))
    parts = 1 + ("c2p" in self.pos_att_type) + ("p2c" in self.pos_att_type)
    added = query.new_zeros(attention_mask.shape)
    if self.relative_attention:
        bias = self.disentangled_attention_bias(
            query.flatten(0, 1),
            key.flatten(0, 1),
            relative_pos,
            self.pos_dropout(rel_embeddings),
            parts,
        )
        added = bias.view(*query.shape[:2], *bias.shape[1:]) if parts > 1 else added
    added = added.masked_fill(~attention_mask.bool(), torch.finfo(query.dtype).min)
    scale = 1 / math.sqrt(self.attention_head_size * parts)
    return _context(self, (query, key, value), added, scale=scale), None


_FORWARDS: dict[str, Callable[..., Any]] = {"deberta-v2": _deberta, "mpnet": _mpnet}
"""Attention of the families that do not compute it through the interface."""
