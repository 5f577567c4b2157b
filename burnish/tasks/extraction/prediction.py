"""Entities with their scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from typing_extensions import override

from burnish.tasks.marks import Marks, SpanMark
from burnish.tasks.predictions import Place, Prediction, unsure

__all__ = ["Entity", "Extraction"]


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
class Extraction(Prediction):
    """Entities of a text, by start."""

    entities: tuple[Entity, ...]

    @property
    @override
    def said(self) -> tuple[Entity, ...]:
        return self.entities

    @property
    @override
    def abstained(self) -> bool:
        """Whether an entity is found, and none that may be relied on."""
        return bool(self.entities) and all(entity.abstained for entity in self.entities)

    @property
    @override
    def marks(self) -> Marks:
        return Marks(spans=tuple(SpanMark(e.start, e.end, e.label, e.score) for e in self.entities))

    @override
    def answer_document(self, top_k: int) -> dict[str, Any]:
        entities = [
            {
                "label": each.label,
                "score": each.score,
                "text": each.text,
                "start": each.start,
                "end": each.end,
                **unsure(each.abstained),
            }
            for each in self.entities
        ]
        return {"entities": entities}

    @property
    def spans(self) -> frozenset[tuple[int, int, str]]:
        """Start, end and label of each."""
        return frozenset((e.start, e.end, e.label) for e in self.entities)

    @override
    def relocated(self, place: Place) -> Self:
        return replace(self, entities=tuple(_relocated(entity, place) for entity in self.entities))

    @override
    def distance(self, other: Self) -> float:
        """One minus the share of both answers' entities that both have (Jaccard)."""
        union = self.spans | other.spans
        return 1 - len(self.spans & other.spans) / len(union) if union else 0.0


def _relocated(entity: Entity, place: Place) -> Entity:
    start, end = place(entity.start, entity.end)
    return replace(entity, start=start, end=end)
