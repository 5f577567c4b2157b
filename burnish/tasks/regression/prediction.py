"""A score with the interval that holds the true one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from typing_extensions import override

from burnish.tasks.marks import Marks
from burnish.tasks.predictions import Prediction, Said

__all__ = ["Score"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Prediction):
    """The score of a text, in the unit of the rows that the model was trained on."""

    said: ClassVar[tuple[Said, ...]] = ()
    abstained: ClassVar[bool] = False

    score: float
    interval: tuple[float, float] | None = None
    """Low and high end: they hold the true score of 9 in 10 texts like those of the validation
    set. None where the validation rows were too few to tell."""
    level: float | None = None
    """The nearest of the levels, where the scores are levels."""
    spread: float = 1.0
    """The standard deviation of the training rows' scores."""

    def holds(self, score: float) -> bool:
        """Whether a score lies inside the interval; without one, within a standard deviation."""
        if self.interval is None:
            return abs(score - self.score) <= self.spread
        return self.interval[0] <= score <= self.interval[1]

    @property
    @override
    def marks(self) -> Marks:
        return Marks(number=self.score if self.level is None else self.level)

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        del top_k  # there is one answer
        document: dict[str, Any] = {
            "score": self.score,
            "interval": list(self.interval) if self.interval else None,
        }
        return document if self.level is None else {**document, "level": self.level}

    @override
    def distance(self, other: Self) -> float:
        """The difference in standard deviations of the training rows' scores, 1 at most."""
        return min(1.0, abs(self.score - other.score) / self.spread)
