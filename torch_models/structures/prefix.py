"""Prefixes: keys and values for every layer, as parameters or made by a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from burnish.torch_models.structures.structure import Prefix

__all__ = ["FlatPrefix", "LayerPrefix", "PrefixNetwork", "PrefixShape", "PrefixValues"]


@dataclass(frozen=True, slots=True)
class PrefixShape:
    """The sizes of the keys and values that a prefix gives an encoder."""

    length: int
    layers: int
    heads: int
    head_size: int

    @property
    def width(self) -> int:
        """Numbers per position: the keys and values of all layers."""
        return self.layers * 2 * self.heads * self.head_size

    @classmethod
    def of(cls, config: Any, structure: Prefix, *, layers: int) -> PrefixShape:
        """The shape for an encoder's configuration."""
        heads = int(config.num_attention_heads)
        size = getattr(config, "head_dim", None) or config.hidden_size // heads
        shared = getattr(config, "num_key_value_heads", None) or heads
        return cls(structure.length, layers, int(shared), int(size))


class PrefixValues(nn.Module, ABC):
    """The keys and values of all layers, made once each time that the encoder runs."""

    def __init__(self, shape: PrefixShape) -> None:
        super().__init__()
        self.shape = shape
        self.made: tuple[torch.Tensor, ...] = ()
        """While the encoder runs: keys and values (2, heads, length, head size), by layer."""

    @abstractmethod
    def flat(self) -> torch.Tensor:
        """All numbers in a row: by position, layer, keys before values, head."""

    def make(self, *_: Any) -> None:
        """A forward pre-hook of the encoder."""
        shape = self.shape
        sizes = (shape.length, shape.layers, 2, shape.heads, shape.head_size)
        self.made = self.flat().view(sizes).permute(1, 2, 3, 0, 4).unbind(0)

    def drop(self, *_: Any) -> None:
        """A forward hook of the encoder."""
        self.made = ()


class FlatPrefix(PrefixValues):
    """A prefix that is itself the parameters."""

    def __init__(self, shape: PrefixShape) -> None:
        super().__init__(shape)
        self.control_trans = nn.Parameter(torch.randn(shape.length * shape.width))

    def flat(self) -> torch.Tensor:
        """The parameters."""
        return self.control_trans


class PrefixNetwork(PrefixValues):
    """A prefix that a vector per position and two layers make, the layers shared by all positions.

    Args:
        shape: of what it makes.
        input_size: of the vectors.
        bottleneck: width between the layers.
    """

    def __init__(self, shape: PrefixShape, *, input_size: int, bottleneck: int) -> None:
        super().__init__(shape)
        self.wte = nn.Embedding(shape.length, input_size)
        self.control_trans = nn.Sequential(
            nn.Linear(input_size, bottleneck), nn.Tanh(), nn.Linear(bottleneck, shape.width)
        )

    def flat(self) -> torch.Tensor:
        """What the network makes."""
        made: torch.Tensor = self.control_trans(self.wte.weight)
        return made.flatten()


@dataclass(frozen=True, slots=True)
class LayerPrefix:
    """One layer's keys and values. No module, so that its attention does not own the prefix."""

    values: PrefixValues
    index: int
    """Of the layer, from 0."""

    @property
    def length(self) -> int:
        """Positions of the prefix."""
        return self.values.shape.length

    def before(self, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Put the prefix in front of keys and values (batch, heads, length, head size)."""
        made = self.values.made[self.index].unsqueeze(1).expand(-1, key.shape[0], -1, -1, -1)
        return torch.cat([made[0], key], dim=2), torch.cat([made[1], value], dim=2)
