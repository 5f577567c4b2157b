"""Predictions: what ``decode`` makes of a model's logits. Each task has its own kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

__all__ = ["Claim", "Place", "Prediction"]

Place = Callable[[int, int], tuple[int, int]]
"""From a stretch of a text, start and end, to the same stretch of another text."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that an answer says, and that is right or wrong on its own."""

    score: float
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction(ABC):
    """What a model answers to an input; each task has its own kind (``prediction.py``)."""

    tokens: int
    """Tokens of the text that the model has read: all of them."""
    windows: int
    """Windows in which it read them."""

    @property
    @abstractmethod
    def abstained(self) -> bool:
        """Whether something is answered, and nothing of it may be relied on."""

    def relocated(self, place: Place) -> Self:
        """The same answer about another text: its stretches stand where ``place`` says."""
        del place
        return self

    @abstractmethod
    def distance(self, other: Self) -> float:
        """How far another answer is from this one, 0 to 1."""
