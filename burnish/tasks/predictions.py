"""Predictions: what ``decode`` makes of a model's logits. Each task has its own kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from burnish.tasks.marks import Marks

__all__ = ["Claim", "Place", "Prediction", "Said", "unsure"]

Place = Callable[[int, int], tuple[int, int]]
"""From a stretch of a text, start and end, to the same stretch of another text."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of an answer that is right or wrong on its own."""

    score: float
    right: bool


class Said(Protocol):
    """A part of a prediction: a label, an entity, an answer."""

    @property
    def score(self) -> float:
        """How sure it is, 0 to 1."""

    @property
    def abstained(self) -> bool:
        """Whether it is not to be relied on."""


def unsure(abstained: bool) -> dict[str, bool]:
    """The mark of an abstained answer in a JSON document."""
    return {"abstained": True} if abstained else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction(ABC):
    """What a model answers to an input; each task has its own kind (``prediction.py``)."""

    tokens: int
    """Tokens of the text that the model has read: all of them."""
    windows: int
    """Windows in which it read them."""

    @property
    @abstractmethod
    def said(self) -> Sequence[Said]:
        """Every part that has a score; labels and answers with the best first."""

    @property
    @abstractmethod
    def abstained(self) -> bool:
        """Whether something is answered, and nothing of it may be relied on."""

    @abstractmethod
    def answer_document(self, top_k: int) -> dict[str, Any]:
        """The answer as JSON.

        Args:
            top_k: how many labels or answers are in it at most.
        """

    @property
    def marks(self) -> Marks:
        """The answer as marks of one text, for labelling tools; none where it has no such form."""
        return Marks()

    def document(self, top_k: int) -> dict[str, Any]:
        """What ``burnish predict`` prints: the answer, and what the model has read."""
        seen = {"tokens": self.tokens, "windows": self.windows}
        return {**self.answer_document(top_k), **unsure(self.abstained), **seen}

    def relocated(self, place: Place) -> Self:
        """The same answer about another text: its stretches stand where ``place`` says."""
        del place
        return self

    @abstractmethod
    def distance(self, other: Self) -> float:
        """How far another answer is from this one, 0 to 1."""
