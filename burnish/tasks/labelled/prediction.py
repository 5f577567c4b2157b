"""Labels with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from typing_extensions import override

from burnish.tasks.marks import LabelMark, Marks
from burnish.tasks.predictions import Prediction, unsure

__all__ = ["Classification", "LabelScore"]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label and its probability."""

    label: str
    score: float
    abstained: bool = False
    """Whether the score is too low for the error that is tolerated: not to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification(Prediction):
    """Labels of a text."""

    labels: tuple[str, ...]
    """The answer: the best label, or every label whose score reaches its threshold."""
    scores: tuple[LabelScore, ...]
    """Every label's score, best first."""

    @property
    @override
    def said(self) -> tuple[LabelScore, ...]:
        return self.scores

    @property
    @override
    def abstained(self) -> bool:
        """Whether a label is given, and none that may be relied on."""
        given = [score.abstained for score in self.scores if score.label in self.labels]
        return bool(given) and all(given)

    @property
    @override
    def marks(self) -> Marks:
        scores = {each.label: each.score for each in self.scores}
        return Marks(labels=tuple(LabelMark(name, scores.get(name)) for name in self.labels))

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        scores = [
            {"label": each.label, "score": each.score, **unsure(each.abstained)}
            for each in self.scores[:top_k]
        ]
        return {"labels": list(self.labels), "scores": scores}

    @override
    def distance(self, other: Self) -> float:
        """Between the two scores of this answer's best label."""
        first = self.scores[0]
        return abs(first.score - next(s.score for s in other.scores if s.label == first.label))
