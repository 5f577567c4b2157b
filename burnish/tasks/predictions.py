"""Prediction types: what ``decode`` makes of a model's logits, one type a task."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Answer",
    "Classification",
    "Entity",
    "Extraction",
    "LabelScore",
    "Prediction",
    "QAPrediction",
]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label and its probability."""

    label: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    tokens: int
    """Tokens of the text that the model has read: all of them."""
    windows: int
    """Windows in which it read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification(_Seen):
    """Labels of a text."""

    labels: tuple[str, ...]
    """The answer: the best label, or every label whose score reaches its threshold."""
    scores: tuple[LabelScore, ...]
    """Every label's score, best first."""


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity; offsets in Unicode code points of the text, ``end`` exclusive."""

    label: str
    score: float
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction(_Seen):
    """Entities of a text, by start."""

    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A stretch of the context, or, with an empty text at 0 to 0, the answer "there is none"."""

    text: str
    score: float
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QAPrediction(_Seen):
    """Candidate answers, best first; exactly one of them is "there is none"."""

    answers: tuple[Answer, ...]

    @property
    def best(self) -> Answer:
        """The answer."""
        return self.answers[0]


Prediction = Classification | Extraction | QAPrediction
