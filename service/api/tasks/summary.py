"""``POST /summarize``: the sentences of a document that say most of it."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from burnish.tasks.summary.choosing import Length
from burnish.tasks.summary.prediction import Summary
from burnish.tasks.summary.settings import KEY, SummaryTask

from ...errors import HTTPError
from ..replies import ScoredReply, mark
from ..requests import AnyText, InferenceRequest, Parameters, TaskRequest, Text
from .kind import Json, ServiceTask, array_of, schema_ref

__all__ = [
    "TASK",
    "SentenceReply",
    "SummarizeParameters",
    "SummarizeRequest",
    "SummaryReply",
    "SummaryService",
]

_LENGTHS = ("sentences", "words", "ratio")


class SummarizeParameters(Parameters):
    """How long a summary is, in one of three ways; by default as long as the model was fitted."""

    sentences: int | None = Field(None, ge=1, le=1000, description="How many sentences.")
    words: int | None = Field(None, ge=1, le=100_000, description="The most words.")
    ratio: float | None = Field(
        None, gt=0, le=1, description="The largest share of the document's words."
    )
    clean_up_tokenization_spaces: bool | None = Field(
        None, description="No effect: sentences are given as they are written."
    )
    truncation: str | None = Field(None, description="No effect: documents are read whole.")
    generate_parameters: dict[str, Any] | None = Field(
        None, description="No effect: nothing is generated."
    )


class SummarizeRequest(InferenceRequest[Text, AnyText]):
    """A document or several, to be summarized."""

    parameters: SummarizeParameters = SummarizeParameters()


class SentenceReply(ScoredReply):
    """A sentence of the document; offsets in Unicode code points, the end exclusive."""

    start: int
    end: int
    score: float = Field(description="The probability that it is a key sentence.")


class SummaryReply(BaseModel):
    """A summary: sentences of the document, in its order."""

    model_config = ConfigDict(extra="forbid")

    summary_text: str
    sentences: list[SentenceReply]


class SummaryService(ServiceTask[SummarizeParameters, Summary, SummaryTask]):
    """A summary of a document's own sentences."""

    summary = "The sentences of a document that say most of it."
    request: ClassVar[type[TaskRequest]] = SummarizeRequest
    replies = (SummaryReply, SentenceReply)
    reply = array_of(schema_ref(SummaryReply))

    @override
    def check(self, wanted: SummarizeParameters, task: SummaryTask) -> None:
        given = [name for name in _LENGTHS if getattr(wanted, name) is not None]
        if len(given) > 1:
            raise HTTPError(
                "validation",
                f"parameters: {' and '.join(given)} are given; a summary has one length: send one",
            )

    @override
    def write(self, prediction: Summary, wanted: SummarizeParameters, task: SummaryTask) -> Json:
        asked = {name: getattr(wanted, name) for name in _LENGTHS}
        if any(value is not None for value in asked.values()):
            prediction = task.chosen(prediction, Length(**asked))
        sentences = [
            {"start": e.start, "end": e.end, "score": e.score, **mark(e)}
            for e in prediction.sentences
        ]
        return [{"summary_text": prediction.text, "sentences": sentences}]

    @override
    def findings(self, prediction: Summary) -> list[tuple[str, float]]:
        return [(KEY, each.score) for each in prediction.sentences if not each.abstained]


TASK = SummaryService()
