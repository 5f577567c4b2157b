"""A text that a model wrote, and how sure it was of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from typing_extensions import override

from burnish.tasks.marks import Marks, WrittenMark
from burnish.tasks.ngrams import ngrams, tokens
from burnish.tasks.predictions import Prediction

__all__ = ["Writing", "Written"]


@dataclass(frozen=True, slots=True)
class Writing:
    """What was written."""

    text: str
    score: float
    """The mean probability of its tokens, each given those before it; 0 where nothing was written.
    Once it is calibrated: the quality to be expected of it, 0 to 1."""
    steps: int = 0
    """Tokens written, the one that ends the text among them."""
    ended: bool = True
    """Whether the text ended by itself, and not at the most tokens that the task allows."""
    abstained: bool = False
    """Whether the score is too low for the error that is tolerated: not to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written(Prediction):
    """The answer of a task whose answers are texts of the model's own; each has a class of it."""

    key: ClassVar[str] = "text"
    """What the text is called in a JSON document."""

    writing: Writing

    @property
    def text(self) -> str:
        """What was written."""
        return self.writing.text

    @property
    @override
    def said(self) -> tuple[Writing, ...]:
        return (self.writing,)

    @property
    @override
    def abstained(self) -> bool:
        return self.writing.abstained

    @property
    @override
    def marks(self) -> Marks:
        return Marks(written=WrittenMark(self.text, self.writing.score))

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        del top_k  # there is one answer
        document: dict[str, Any] = {self.key: self.text, "score": self.writing.score}
        return document if self.writing.ended else {**document, "ended": False}

    @override
    def distance(self, other: Self) -> float:
        """One minus the share of words and pairs of words that the texts have in common (Dice)."""
        one, two = (_runs(each.text) for each in (self, other))
        total = one.total() + two.total()
        if not total:
            return float(self.text != other.text)
        return 1 - 2 * (one & two).total() / total


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = tokens(text)
    return ngrams(words, 1) + ngrams(words, 2)
