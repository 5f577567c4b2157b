"""Caches of transformers whose tensors are a graph's inputs and outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer, EncoderDecoderCache

__all__ = ["States", "empty_cache", "filled_cache", "states"]

States = tuple[torch.Tensor, ...]
"""Keys and values of each layer in turn: (batch, heads, length, size) each."""


class _First(DynamicLayer):  # type: ignore[no-untyped-call]
    """Keeps its first states as they are: the usual layer would append them to an empty tensor."""

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keep the states and return them."""
        self.keys, self.values, self.is_initialized = key_states, value_states, True
        return key_states, value_states


class _Filled(DynamicLayer):  # type: ignore[no-untyped-call]
    """Begins with given states and appends new ones."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dtype, self.device = keys.dtype, keys.device
        self.keys, self.values, self.is_initialized = keys, values, True

    def get_seq_length(self) -> int:
        """The tracer follows the shape; the usual test for an empty cache would be a constant."""
        assert self.keys is not None  # noqa: S101
        return self.keys.shape[-2]


def empty_cache() -> EncoderDecoderCache:
    """A cache that holds nothing yet."""
    return EncoderDecoderCache(
        Cache(layer_class_to_replicate=_First), Cache(layer_class_to_replicate=_First)
    )


def filled_cache(own: Sequence[torch.Tensor], cross: Sequence[torch.Tensor]) -> EncoderDecoderCache:
    """A cache with the states of earlier tokens and of the source text."""
    return EncoderDecoderCache(_cache(own), _cache(cross))


def _cache(tensors: Sequence[torch.Tensor]) -> Cache:
    pairs = zip(tensors[::2], tensors[1::2], strict=True)
    return Cache(layers=[_Filled(keys, values) for keys, values in pairs])


def states(cache: Cache) -> States:
    """The tensors of a cache, layer by layer."""
    layers: list[Any] = cache.layers
    return tuple(tensor for layer in layers for tensor in (layer.keys, layer.values))
