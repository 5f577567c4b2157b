"""A summary: sentences of the document, with their places and scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

from typing_extensions import override

from burnish.tasks.marks import Marks, SpanMark
from burnish.tasks.predictions import Place, Prediction, unsure

__all__ = ["Sentence", "Summary"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence; offsets in Unicode code points of the document, ``end`` exclusive."""

    text: str
    score: float
    """The probability that it is a key sentence."""
    rank: float
    """What it is chosen by: the model's own score, and where it stands."""
    start: int
    end: int
    abstained: bool = False
    """Whether the score is too low for the error that is tolerated: not to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Prediction):
    """The sentences that were chosen, in the document's order."""

    sentences: tuple[Sentence, ...]
    candidates: tuple[Sentence, ...] = ()
    """All sentences that the model could read, for a summary of another length."""

    @property
    def text(self) -> str:
        """The sentences, one after the other."""
        return " ".join(each.text for each in self.sentences)

    @property
    def spans(self) -> frozenset[tuple[int, int]]:
        """Start and end of each."""
        return frozenset((each.start, each.end) for each in self.sentences)

    def of(self, places: Iterable[int]) -> Self:
        """Another choice of the document's sentences."""
        return replace(self, sentences=tuple(self.candidates[place] for place in places))

    @property
    @override
    def said(self) -> tuple[Sentence, ...]:
        return tuple(sorted(self.sentences, key=lambda each: -each.score))

    @property
    @override
    def abstained(self) -> bool:
        """Whether no sentence may be relied on."""
        return bool(self.sentences) and all(each.abstained for each in self.sentences)

    @property
    @override
    def marks(self) -> Marks:
        spans = (SpanMark(e.start, e.end, "key sentence", e.score) for e in self.sentences)
        return Marks(spans=tuple(spans))

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        del top_k  # the length is the task's
        return {"summary": self.text, "sentences": [_written(each) for each in self.sentences]}

    @override
    def relocated(self, place: Place) -> Self:
        return replace(
            self,
            sentences=tuple(_relocated(each, place) for each in self.sentences),
            candidates=tuple(_relocated(each, place) for each in self.candidates),
        )

    @override
    def distance(self, other: Self) -> float:
        """One minus the share of both summaries' sentences that both have (Jaccard)."""
        union = self.spans | other.spans
        return 1 - len(self.spans & other.spans) / len(union) if union else 0.0


def _written(each: Sentence) -> dict[str, Any]:
    place = {"start": each.start, "end": each.end, "score": each.score}
    return {**place, **unsure(each.abstained)}


def _relocated(each: Sentence, place: Place) -> Sentence:
    start, end = place(each.start, each.end)
    return replace(each, start=start, end=end)
