"""What a further pre-training is asked for, and what it finds."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["Losses", "PretrainSettings", "Pretrained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainSettings:
    """How long a base reads, and how fast it learns."""

    epochs: int = 3
    batch_size: int = 16
    max_length: int = 128
    """Tokens of a window."""
    learning_rate: float | None = None
    """2e-4 for 384 hidden units, less for larger bases, where None."""
    seed: int = 13
    threads: int | None = None
    checkpoint_minutes: float = 5
    add_tokens: int = 0
    """At most so many tokens for words that the base reads in pieces."""
    text: str = "text"
    """The column or field of the text."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Masked-token losses, in nats a token, on texts that were not trained on."""

    domain: float
    """On held-out texts of the field."""
    neutral: float
    """On neutral sentences: what is forgotten."""

    @property
    def perplexities(self) -> tuple[float, float]:
        """The exponentials of both."""
        return math.exp(self.domain), math.exp(self.neutral)


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A base that was pre-trained further."""

    path: Path
    texts: int
    tokens: int
    """That were trained on, once."""
    steps: int
    before: Losses
    """Of a head that the base lacked, after it was trained alone."""
    after: Losses
    added: tuple[str, ...]
    """Tokens that the base lacked."""
    new_head: bool
    """Whether the base had no head for masked tokens."""

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return {**asdict(self), "path": str(self.path)}
