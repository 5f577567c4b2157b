"""What a further pre-training is asked for, and what it finds."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from burnish.errors import UsageError

__all__ = ["Losses", "PretrainSettings", "Pretrained"]

_SHORTEST = 16
"""Tokens of a window that holds some words beside the special ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PretrainSettings:
    """How long a base reads, and how fast it learns.

    Raises:
        UsageError: a number is not one that it can have.
    """

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

    def __post_init__(self) -> None:
        least = {"epochs": 1, "batch_size": 1, "max_length": _SHORTEST, "add_tokens": 0}
        if self.threads is not None:
            least["threads"] = 1
        for name, number in least.items():
            if getattr(self, name) < number:
                raise UsageError(
                    f"{name} is {getattr(self, name)}", f"give a whole number of at least {number}"
                )
        if self.learning_rate is not None and not 0 < self.learning_rate < 1:
            raise UsageError(
                f"learning_rate is {self.learning_rate}",
                "give a number between 0 and 1, such as 2e-4; None chooses one",
            )


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
