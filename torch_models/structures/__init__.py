"""Structures inside the encoder that cannot be merged: bottleneck adapters and prefixes.

They stay in the exported model, and slow it down a little. PEFT has no bottleneck adapters, and its
prefix goes in as a cache of past keys and values, which only decoders read.
"""

from burnish.torch_models.structures.model import StructuredModel, attach, folded_tensors
from burnish.torch_models.structures.places import BOTTLENECK_FAMILIES, PREFIX_FAMILIES
from burnish.torch_models.structures.structure import Bottleneck, Prefix, Structure

__all__ = [
    "BOTTLENECK_FAMILIES",
    "PREFIX_FAMILIES",
    "Bottleneck",
    "Prefix",
    "Structure",
    "StructuredModel",
    "attach",
    "folded_tensors",
]
