"""Where each family's encoder keeps what a structure is put into.

Parameters keep the names that the package ``adapters`` 1.3.0 gave them, so that runs of 0.1.0 load;
``burnish`` was its name for the one adapter in the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from torch import nn

__all__ = ["BOTTLENECK_FAMILIES", "PLACES", "PREFIX_FAMILIES", "Places", "Site", "hang", "layers"]


@dataclass(frozen=True, slots=True)
class Site:
    """One of the two places in a layer where a bottleneck goes; paths start at the layer."""

    output: str
    """The module that gives a sub-layer's output, before the residual is added."""
    adapter: str
    """Where the adapter hangs."""
    norm: str | None = None
    """The LayerNorm of the output and its residual, where Pfeiffer's adapter goes; None: there is
    none behind the sub-layer, or 0.1.0 did not use it."""
    reads: str | None = None
    """The module whose input the adapter reads; None: it reads the output."""


@dataclass(frozen=True, slots=True)
class Places:
    """The places of a family's encoder."""

    layers: str
    """Pattern of the layers' names."""
    attention: Site
    feed_forward: Site
    keys: str
    """The module that computes attention; a path from the layer."""
    prefix: str = "prefix_tuning.pool.prefix_tunings.burnish.self_prefix"
    """Where the prefix of all layers hangs; a path from the first layer's ``keys``."""


_BERT = Places(
    layers=r"encoder\.layer\.\d+",
    attention=Site("attention.output.dropout", "attention.output.adapters.burnish"),
    feed_forward=Site("output.dropout", "output.adapters.burnish", "output.LayerNorm"),
    keys="attention.self",
)
_ALBERT = Places(
    layers=r"encoder\.albert_layer_groups\.\d+\.albert_layers\.\d+",
    # The package swapped the output and its residual here.
    attention=Site(
        "attention.output_dropout",
        "attention.attention_adapters.adapters.burnish",
        reads="attention",
    ),
    feed_forward=Site("ffn_output", "output_adapters.adapters.burnish", "full_layer_layer_norm"),
    keys="attention",
)
_DISTILBERT = Places(
    layers=r"transformer\.layer\.\d+",
    attention=Site("attention.out_lin", "attention_adapters.adapters.burnish"),
    feed_forward=Site("ffn", "output_adapters.adapters.burnish", "output_layer_norm"),
    keys="attention",
    prefix="prefix_tuning.pool.prefix_tunings.burnish.self",
)
_MPNET = Places(
    layers=r"encoder\.layer\.\d+",
    attention=Site("attention.attn.o", "attention_adapters.adapters.burnish"),
    feed_forward=Site("output.dense", "output_adapters.adapters.burnish"),
    keys="attention.attn",
)
_MODERNBERT = Places(
    layers=r"layers\.\d+",
    attention=Site("attn.Wo", "attention_adapters.adapters.burnish"),
    feed_forward=Site("mlp.Wo", "output_adapters.adapters.burnish"),
    keys="attn",
)
_EUROBERT = Places(
    layers=r"layers\.\d+",
    attention=Site("self_attn.o_proj", "attention_adapters.adapters.burnish"),
    feed_forward=Site("mlp.down_proj", "output_adapters.adapters.burnish"),
    keys="self_attn",
)

PLACES: dict[str, Places] = {
    "albert": _ALBERT,  # its layers share their weights, and so their structures
    "bert": _BERT,
    "camembert": _BERT,
    "deberta-v2": _BERT,
    "distilbert": _DISTILBERT,
    "electra": _BERT,
    "eurobert": _EUROBERT,
    "modernbert": _MODERNBERT,
    "mpnet": _MPNET,
    "roberta": _BERT,
    "xlm-roberta": _BERT,
}
"""Places by ``model_type``."""
BOTTLENECK_FAMILIES = frozenset(PLACES)
"""Families that can have bottleneck adapters."""
PREFIX_FAMILIES = frozenset(PLACES)
"""Families in which a prefix can go before attention's keys and values."""


def layers(encoder: nn.Module, places: Places) -> list[nn.Module]:
    """An encoder's layers, lowest first."""
    pattern = re.compile(places.layers)
    return [module for name, module in encoder.named_modules() if pattern.fullmatch(name)]


def hang(parent: nn.Module, path: str, module: nn.Module) -> None:
    """Add a module under a dotted path; modules on the way that are not there are made, empty."""
    *way, last = path.split(".")
    for name in way:
        if not hasattr(parent, name):
            parent.add_module(name, nn.Module())
        parent = parent.get_submodule(name)
    parent.add_module(last, module)
