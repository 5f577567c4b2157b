"""Answers with their scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from typing_extensions import override

from burnish.tasks.marks import Marks, SpanMark
from burnish.tasks.predictions import Place, Prediction, unsure

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

    @property
    @override
    def marks(self) -> Marks:
        """The answer as a mark of the context; none where there is no answer."""
        best = self.best
        if not best.text:
            return Marks()
        return Marks(spans=(SpanMark(best.start, best.end, "answer", best.score),))

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        best, *others = (
            {"answer": a.text, "score": a.score, "start": a.start, "end": a.end}
            | unsure(a.abstained)
            for a in self.answers
        )
        return {**best, **({"others": others[: top_k - 1]} if top_k > 1 else {})}

    @override
    def relocated(self, place: Place) -> Self:
        return replace(self, answers=tuple(_relocated(answer, place) for answer in self.answers))

    @override
    def distance(self, other: Self) -> float:
        """Between the best answers' scores."""
        return abs(self.best.score - other.best.score)


def _relocated(answer: Answer, place: Place) -> Answer:
    """That there is no answer stands nowhere."""
    if not answer.text:
        return answer
    start, end = place(answer.start, answer.end)
    return replace(answer, start=start, end=end)
