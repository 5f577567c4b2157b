"""A classifier on an encoder's pooled vectors, for encoders that declare how they pool."""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import nn
from transformers.modeling_outputs import SequenceClassifierOutput

__all__ = ["PooledClassifier"]


class PooledClassifier(nn.Module):
    """An encoder, a pooling without weights, and one linear layer."""

    def __init__(
        self,
        encoder: nn.Module,
        classifier: nn.Linear,
        pooling: Literal["mean", "cls"],
        *,
        dropout: float = 0.1,
        normalized: bool = False,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifier = classifier
        self.pooling = pooling
        self.normalized = normalized
        """Whether the vectors have the length 1, as a sentence-transformers model may say."""
        self.dropout = nn.Dropout(dropout)

    @property
    def config(self) -> Any:
        """The encoder's configuration, with the labels."""
        return self.encoder.config

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> SequenceClassifierOutput:
        """Logits (batch, labels) of token ids (batch, length)."""
        vectors = self.pool(input_ids, attention_mask, token_type_ids)
        return SequenceClassifierOutput(logits=self.classifier(self.dropout(vectors)))

    def pool(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Vectors (batch, hidden) of token ids (batch, length)."""
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, **types
        ).last_hidden_state
        if self.pooling == "cls":
            vectors: torch.Tensor = hidden[:, 0]
        else:
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            vectors = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1.0)
        if self.normalized:
            vectors = nn.functional.normalize(vectors, dim=-1)
        return vectors
