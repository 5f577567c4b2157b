"""How many tokens a model has positions for."""

from __future__ import annotations

from typing import Any

from transformers import PreTrainedModel

__all__ = ["source_positions", "target_positions"]


def source_positions(model: PreTrainedModel) -> int | None:
    """Tokens that the encoder can read; None where its positions are relative, as T5's are."""
    return _positions(model.get_encoder())


def target_positions(model: PreTrainedModel) -> int | None:
    """Tokens that the decoder can write; None where its positions are relative."""
    return _positions(model.get_decoder())  # type: ignore[no-untyped-call]


def _positions(part: Any) -> int | None:
    found = getattr(part.config, "max_position_embeddings", None)
    return None if found is None else int(found)
