"""What a structure is: its kind and its size, as a recipe asks and a checkpoint records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Bottleneck", "Prefix", "Structure"]


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Adapters of two layers and a residual, in every layer of the encoder."""

    kind: Literal["houlsby", "pfeiffer"]
    """After attention and feed-forward (Houlsby et al. 2019), or after feed-forward only (Pfeiffer
    et al. 2021)."""
    reduction: float
    """Hidden size divided by the adapter's."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """Trained keys and values in front of every layer's own (Li & Liang 2021)."""

    length: int
    """Positions of a prefix."""
    bottleneck: int | None
    """Hidden size of the network that makes it; None: the prefix itself is the parameters, as in
    P-tuning v2 (Liu et al. 2022)."""


Structure = Bottleneck | Prefix
