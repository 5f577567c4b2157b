"""A classifier of two texts that an encoder reads one without the other."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn
from transformers.modeling_outputs import SequenceClassifierOutput

from burnish.torch_models.pooled import PooledClassifier

__all__ = ["WIDTH", "PairedClassifier"]

WIDTH = 4
"""How many vectors the head reads: one, the other, their difference and their product."""


class PairedClassifier(PooledClassifier):
    """One encoder for both texts, and one linear layer on how their vectors compare.

    It is InferSent's head (Conneau et al. 2017, section 3.1) on the encoder of Sentence-BERT
    (Reimers & Gurevych 2019). A window has both texts, each in its own special tokens, and
    ``token_type_ids`` say which is which; the encoder itself gets one text each time.

    Args:
        encoder: reads both texts.
        classifier: of ``WIDTH`` vectors.
        pooling: of a text's tokens.
        types: whether the encoder takes ``token_type_ids``.
        dropout: on what the head reads.
    """

    def __init__(
        self,
        encoder: nn.Module,
        classifier: nn.Linear,
        pooling: Literal["mean", "cls"],
        *,
        types: bool,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(encoder, classifier, pooling, dropout=dropout)
        self.types = types

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> SequenceClassifierOutput:
        """Logits (batch, labels) of two texts in a row, token ids (batch, length)."""
        assert token_type_ids is not None  # noqa: S101  `input_names` asks for them
        second = token_type_ids * attention_mask
        first = attention_mask - second
        one = self._vectors(input_ids, first)
        # The second text's tokens, moved to the front; what comes behind them is masked.
        places = torch.ones_like(input_ids).cumsum(1) - 1 + first.sum(1, keepdim=True)
        places = places % input_ids.shape[1]
        other = self._vectors(input_ids.gather(1, places), second.gather(1, places))
        compared = torch.cat([one, other, (one - other).abs(), one * other], dim=-1)
        return SequenceClassifierOutput(logits=self.classifier(self.dropout(compared)))

    def _vectors(self, input_ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Vectors (batch, hidden) of the texts at the front of token ids (batch, length)."""
        longest = mask.sum(1).max().clamp(min=1)  # a window without a second text is not an error
        ids, mask = input_ids[:, :longest], mask[:, :longest]
        return self.pool(ids, mask, torch.zeros_like(ids) if self.types else None)
