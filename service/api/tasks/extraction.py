"""``POST /extract``: the entities of a text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from typing_extensions import override

from burnish.tasks import Task
from burnish.tasks.extraction.prediction import Extraction

from ..replies import ScoredReply, mark
from ..requests import AnyText, InferenceRequest, Parameters, Text, Threshold
from .kind import Json, ServiceTask, array_of, schema_ref

__all__ = ["TASK", "EntityReply", "ExtractParameters", "ExtractRequest", "ExtractionService"]


class ExtractParameters(Parameters):
    """How much of an extraction to send."""

    threshold: Threshold | None = Field(None, description="The least score of an entity.")
    aggregation_strategy: Literal["simple"] | None = Field(
        None, description="No effect: entities are always whole."
    )


class ExtractRequest(InferenceRequest[Text, AnyText]):
    """A text or several, to find entities in."""

    parameters: ExtractParameters = ExtractParameters()


class EntityReply(ScoredReply):
    """An entity; offsets in Unicode code points, the end exclusive."""

    entity_group: str
    score: float
    word: str
    start: int
    end: int


class ExtractionService(ServiceTask[ExtractParameters, Extraction, Task]):
    """Entities of a text."""

    summary = "Entities of a text, by start."
    request = ExtractRequest
    replies = (EntityReply,)
    reply = array_of(schema_ref(EntityReply))

    @override
    def write(self, prediction: Extraction, wanted: ExtractParameters, task: Task) -> Json:
        return [
            {
                "entity_group": e.label,
                "score": e.score,
                "word": e.text,
                "start": e.start,
                "end": e.end,
                **mark(e),
            }
            for e in prediction.entities
            if wanted.threshold is None or e.score >= wanted.threshold
        ]

    @override
    def findings(self, prediction: Extraction) -> list[tuple[str, float]]:
        return [(e.label, e.score) for e in prediction.entities if not e.abstained]


TASK = ExtractionService()
