"""Entities in a row of a table, and as marks in their text."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import AnswerCells, Mark, Sides, rounded
from burnish.tasks.extraction.example import ExtractionExample
from burnish.tasks.extraction.prediction import Entity, Extraction

__all__ = ["EntityCells"]

Extracting = TaskSettings[Any, ExtractionExample, Extraction]


class EntityCells(AnswerCells[ExtractionExample, Extraction]):
    """``entities``, a list, and ``abstained``."""

    @override
    def sample(self, task: Extracting) -> Extraction:
        entity = Entity("label", 0.5, "text", 0, 4, abstained=True)
        return Extraction(entities=(entity,), tokens=0, windows=0)

    @override
    def sides(self, example: ExtractionExample, prediction: Extraction) -> Sides:
        gold = [
            {
                "label": e.label,
                "text": example.text[e.start : e.end],
                "start": e.start,
                "end": e.end,
            }
            for e in example.entities
        ]
        return Sides(gold, rounded(prediction.answer_document(1)["entities"]))

    @override
    def marks(self, example: ExtractionExample, prediction: Extraction) -> list[Mark]:
        true = {(e.start, e.end, e.label) for e in example.entities}
        return [
            Mark(*place, is_true=place in true, is_said=place in prediction.spans)
            for place in sorted(true | prediction.spans)
        ]

    @override
    def with_threshold(self, task: Extracting, score: float) -> Extracting:
        return task.model_copy(update={"score_threshold": score})
