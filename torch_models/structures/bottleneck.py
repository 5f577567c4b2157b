"""Bottleneck adapters: two layers with a narrow middle, whose output is added to a sub-layer's.

With h a sub-layer's output, x its residual and A(h) = W₂ f(W₁ h)::

    Houlsby et al. 2019    LayerNorm(x + h + A(h))               f = swish
    Pfeiffer et al. 2021   LayerNorm(x + h + A(LayerNorm(x + h))) f = ReLU

both as the package ``adapters`` 1.3.0 has them (``double_seq_bn``, ``seq_bn``). Where no LayerNorm
follows the sub-layer, Pfeiffer's adapter reads h. Behind ALBERT's attention Houlsby's reads x, as
the package's does: otherwise runs of 0.1.0 would answer differently.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from burnish.torch_models.structures.places import Places, Site, hang, layers
from burnish.torch_models.structures.structure import Bottleneck

__all__ = ["BottleneckAdapter", "put_bottlenecks"]

_STD = 0.02
"""Of the first layer's weights, as BERT's."""


class BottleneckAdapter(nn.Module):
    """A down-projection, an activation and an up-projection, which starts at zero.

    Args:
        hidden_size: of the encoder.
        width: of the narrow middle.
        activation: between the projections.
    """

    def __init__(self, hidden_size: int, width: int, activation: nn.Module) -> None:
        super().__init__()
        down = nn.Linear(hidden_size, width)
        self.adapter_down = nn.Sequential(down, activation)
        self.adapter_up = nn.Linear(width, hidden_size)
        self.made: torch.Tensor | None = None
        """Between :meth:`ahead` and :meth:`after`, what is added."""
        nn.init.normal_(down.weight, std=_STD)
        for parameter in (down.bias, *self.adapter_up.parameters()):
            nn.init.zeros_(parameter)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """What is added to the states (batch, length, hidden size)."""
        added: torch.Tensor = self.adapter_up(self.adapter_down(states))
        return added

    def ahead(self, module: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        """A forward pre-hook of a module whose input the adapter reads."""
        del module
        self.made = self(args[0])

    def after(self, module: nn.Module, args: Any, output: torch.Tensor) -> torch.Tensor:
        """A forward hook: a module's output with the adapter's added."""
        del module, args
        made, self.made = self.made, None
        return output + (self(output) if made is None else made)

    def before_norm(self, norm: nn.Module, args: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        """A forward pre-hook of a LayerNorm, whose own output the adapter reads."""
        (total,) = args
        return (total + self(norm.forward(total)),)  # forward, and not a call: no hook again


def put_bottlenecks(encoder: Any, structure: Bottleneck, places: Places) -> None:
    """Put adapters into every layer of an encoder, in place."""
    hidden_size = int(encoder.config.hidden_size)
    width = max(1, int(hidden_size // structure.reduction))
    houlsby = structure.kind == "houlsby"
    activation = nn.SiLU if houlsby else nn.ReLU
    for layer in layers(encoder, places):
        for site in (places.attention, places.feed_forward) if houlsby else (places.feed_forward,):
            adapter = BottleneckAdapter(hidden_size, width, activation())
            hang(layer, site.adapter, adapter)
            _hook(layer, site, adapter, normed=not houlsby)


def _hook(layer: nn.Module, site: Site, adapter: BottleneckAdapter, *, normed: bool) -> None:
    if normed and site.norm is not None:
        layer.get_submodule(site.norm).register_forward_pre_hook(adapter.before_norm)
        return
    if site.reads is not None:
        layer.get_submodule(site.reads).register_forward_pre_hook(adapter.ahead)
    layer.get_submodule(site.output).register_forward_hook(adapter.after)
