"""The files of a generating model and the shapes of its graphs, for a bundle's manifest."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["DECODER", "ENCODER", "SHARED", "GenerationLayout", "cache_names"]

ENCODER, DECODER, SHARED = "encoder.onnx", "decoder.onnx", "shared.bin"
"""The graphs, and the weights that both use."""


class GenerationLayout(BaseModel):
    """What a session must know of a pair of graphs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layers: int = Field(ge=1)
    """Of the decoder."""
    heads: int = Field(ge=1)
    head_size: int = Field(ge=1)
    source_vocabulary: int = Field(ge=1)
    """Tokens that the encoder reads."""
    vocabulary: int = Field(ge=1)
    """Tokens that the decoder writes."""
    source_positions: int | None = Field(default=None, ge=1)
    """Tokens that the encoder can read; None: its positions are relative."""
    target_positions: int | None = Field(default=None, ge=1)
    """Tokens that the decoder can write; None: its positions are relative."""

    @property
    def position_bytes(self) -> int:
        """The keys and values of one token, in fp32."""
        return 2 * 4 * self.layers * self.heads * self.head_size


def cache_names(kind: Literal["cross", "past", "present"], layers: int) -> tuple[str, ...]:
    """Names of the keys and values of each layer, in the order of the graphs."""
    parts = ("key", "value")
    return tuple(f"{kind}_{part}_{layer}" for layer in range(layers) for part in parts)
