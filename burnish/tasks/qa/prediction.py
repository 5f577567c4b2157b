"""Answers with their scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from burnish.tasks.predictions import Prediction, unsure

__all__ = ["Answer", "QAPrediction"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A stretch of the context, or, with an empty text at 0 to 0, the answer "there is none"."""

    text: str
    score: float
    start: int
    end: int
    abstained: bool = False
    """Whether the score is too low for the error that is tolerated: not to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QAPrediction(Prediction):
    """Candidate answers, best first; exactly one of them is "there is none"."""

    answers: tuple[Answer, ...]

    @property
    def best(self) -> Answer:
        """The answer."""
        return self.answers[0]

    @property
    @override
    def said(self) -> tuple[Answer, ...]:
        return self.answers

    @property
    @override
    def abstained(self) -> bool:
        """Whether the answer is not to be relied on."""
        return self.best.abstained

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        best, *others = (
            {"answer": a.text, "score": a.score, "start": a.start, "end": a.end}
            | unsure(a.abstained)
            for a in self.answers
        )
        return {**best, **({"others": others[: top_k - 1]} if top_k > 1 else {})}
