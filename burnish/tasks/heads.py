"""Heads: the forms of output that a model can have. A task says which of them it reads."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["PIPELINES", "Head"]


class Head(StrEnum):
    """What a model gives for a window of n tokens, as the field's libraries name their heads."""

    SEQUENCE = "sequence"
    """One number per label: (labels,)."""
    TOKENS = "tokens"
    """One number per tag and token: (n, tags)."""
    SPAN = "span"
    """Two numbers per token, that an answer starts there and that it ends there: (n, 2)."""


PIPELINES: Mapping[Head, str] = {
    Head.SEQUENCE: "text-classification",
    Head.TOKENS: "token-classification",
    Head.SPAN: "question-answering",
}
"""What ``pipeline`` of transformers, and the tags of model hubs, call a model of each form."""
