"""Prediction types: what ``decode`` makes of a model's logits, one type a task."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "Answer",
    "Claim",
    "Classification",
    "Entity",
    "Extraction",
    "LabelScore",
    "Prediction",
    "QAPrediction",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that an answer says, and that is right or wrong on its own."""

    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label and its probability."""

    label: str
    score: float
    abstained: bool = False
    """Whether the score is too low for the error that is tolerated: not to be relied on."""


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

    @property
    def abstained(self) -> bool:
        """Whether a label is given, and none that may be relied on."""
        given = [score.abstained for score in self.scores if score.label in self.labels]
        return bool(given) and all(given)


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity; offsets in Unicode code points of the text, ``end`` exclusive."""

    label: str
    score: float
    text: str
    start: int
    end: int
    abstained: bool = False
    """Whether the score is too low for the error that is tolerated: not to be relied on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction(_Seen):
    """Entities of a text, by start."""

    entities: tuple[Entity, ...]

    @property
    def abstained(self) -> bool:
        """Whether an entity is found, and none that may be relied on."""
        return bool(self.entities) and all(entity.abstained for entity in self.entities)


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
class QAPrediction(_Seen):
    """Candidate answers, best first; exactly one of them is "there is none"."""

    answers: tuple[Answer, ...]

    @property
    def best(self) -> Answer:
        """The answer."""
        return self.answers[0]

    @property
    def abstained(self) -> bool:
        """Whether the answer is not to be relied on."""
        return self.best.abstained


Prediction = Classification | Extraction | QAPrediction
