"""Replies: predictions in the shapes that Hugging Face clients read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from burnish.errors import InputError
from burnish.runtime import ModelFaultError
from burnish.tasks import ClassificationTask, Task
from burnish.tasks.predictions import (
    Answer,
    Classification,
    Entity,
    Extraction,
    LabelScore,
    Prediction,
    QAPrediction,
)

from ..errors import ErrorType, HTTPError
from .requests import (
    AnswerParameters,
    AnswerRequest,
    ClassifyParameters,
    ClassifyRequest,
    ExtractParameters,
    ExtractRequest,
)

__all__ = [
    "AnswerReply",
    "ClassifyReply",
    "EntityReply",
    "ErrorReply",
    "LabelReply",
    "TaskRequest",
    "reply_of",
]

TaskRequest = ClassifyRequest | ExtractRequest | AnswerRequest
Json = Any

_DEFAULT_LABELS = 5
_ABSTAINED: Json = {"abstained": True}
_RELIABLE: Json = {}


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Scored(_Reply):
    abstained: Literal[True] | None = Field(
        None,
        description="Present, and true, if the score is too low for the error rate that the model "
        "promises: do not rely on this answer.",
    )


class LabelReply(_Scored):
    """A label of a text."""

    label: str
    score: float = Field(description="Probability of the label.")


class EntityReply(_Scored):
    """An entity; offsets in Unicode code points, the end exclusive."""

    entity_group: str
    score: float
    word: str
    start: int
    end: int


class AnswerReply(_Scored):
    """An answer; empty, at 0 to 0, where the context holds none."""

    answer: str
    score: float
    start: int
    end: int


class ErrorReply(_Reply):
    """Any error: what, where, how to fix it."""

    error: str
    error_type: ErrorType


class ClassifyReply(RootModel[list[LabelReply]]):
    """The labels of a text, best first."""


def reply_of(
    request: TaskRequest,
    results: Sequence[Prediction | InputError | HTTPError],
    task: Task,
    *,
    nested: bool,
) -> Json:
    """The JSON of a request's results.

    Args:
        request: what was asked.
        results: one prediction or error an input.
        task: the model's settings.
        nested: one text's classification stands in a list, as ``InferenceClient`` expects it.

    Raises:
        HTTPError: the only input cannot be answered. In a list, an error stands in its place.
    """
    if not request.several:
        alone = results[0]
        if isinstance(alone, InputError | HTTPError):
            raise _refusal(alone)
        single = _item(request, alone, task)
        return [single] if nested and isinstance(request, ClassifyRequest) else single
    return [
        _error(result)
        if isinstance(result, InputError | HTTPError)
        else _item(request, result, task)
        for result in results
    ]


def _item(request: TaskRequest, result: Prediction, task: Task) -> Json:
    if isinstance(request, ClassifyRequest) and isinstance(result, Classification):
        assert isinstance(task, ClassificationTask)  # noqa: S101  for the type checker
        return _labels(result, request.parameters, task)
    if isinstance(request, ExtractRequest) and isinstance(result, Extraction):
        return _entities(result, request.parameters)
    if isinstance(request, AnswerRequest) and isinstance(result, QAPrediction):
        return _answers(result, request.parameters)
    raise TypeError("a prediction of another task than the request's")


def _labels(result: Classification, wanted: ClassifyParameters, task: ClassificationTask) -> Json:
    scores = result.scores
    if wanted.threshold is not None:
        scores = tuple(s for s in scores if s.score >= wanted.threshold)
    elif task.multi_label:
        scores = tuple(s for s in scores if s.label in result.labels)
    top_k = wanted.top_k
    if top_k is None and "top_k" not in wanted.model_fields_set and not task.multi_label:
        top_k = _DEFAULT_LABELS
    return [{"label": s.label, "score": s.score, **_unsure(s)} for s in scores[:top_k]]


def _entities(result: Extraction, wanted: ExtractParameters) -> Json:
    return [
        {
            "entity_group": e.label,
            "score": e.score,
            "word": e.text,
            "start": e.start,
            "end": e.end,
            **_unsure(e),
        }
        for e in result.entities
        if wanted.threshold is None or e.score >= wanted.threshold
    ]


def _answers(result: QAPrediction, wanted: AnswerParameters) -> Json:
    answers = result.answers
    if wanted.handle_impossible_answer is False:
        answers = tuple(a for a in answers if a.text) or answers
    several = wanted.top_k is not None and wanted.top_k > 1
    found = [
        {"answer": a.text, "score": a.score, "start": a.start, "end": a.end, **_unsure(a)}
        for a in answers[: wanted.top_k or 1]
    ]
    return found if several else found[0]


def _unsure(said: LabelScore | Entity | Answer) -> Json:
    """The mark of what is not to be relied on; a client that does not know it sees no other."""
    return _ABSTAINED if said.abstained else _RELIABLE


def _refusal(error: InputError | HTTPError) -> HTTPError:
    if isinstance(error, HTTPError):
        return error
    return HTTPError(_error_type(error), f"inputs: {error.message}; {error.hint}".rstrip("; "))


def _error(error: InputError | HTTPError) -> Json:
    refusal = _refusal(error)
    return {"error": refusal.message, "error_type": refusal.error_type}


def _error_type(error: InputError) -> ErrorType:
    return "model" if isinstance(error, ModelFaultError) else "validation"
