"""``POST /answer``: the passage of a context that answers a question."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from burnish.tasks import Input, Task
from burnish.tasks.qa.example import Question
from burnish.tasks.qa.prediction import QAPrediction

from ..replies import ScoredReply, mark
from ..requests import AnyText, Closed, InferenceRequest, Parameters, Text, TopK
from .kind import Json, ServiceTask, array_of, schema_ref

__all__ = [
    "TASK",
    "AnswerParameters",
    "AnswerReply",
    "AnswerRequest",
    "AnswerService",
    "QuestionInput",
    "QuestionItem",
]


class QuestionItem(Closed):
    """A question and the text that may answer it, in a list of them."""

    question: AnyText
    context: AnyText


class QuestionInput(QuestionItem):
    """A question and the text that may answer it."""

    question: Text
    context: Text


class AnswerParameters(Parameters):
    """How much of an answer to send."""

    top_k: TopK | None = Field(
        None, description="The most answers to return; with more than 1 the reply is a list."
    )
    handle_impossible_answer: bool | None = Field(
        None, description="Whether the reply may be that there is no answer. Default: true."
    )


class AnswerRequest(InferenceRequest[QuestionInput, QuestionItem]):
    """A question about a context, or several."""

    one: ClassVar[str] = "an object with question and context"
    many: ClassVar[str] = "such objects"
    item_fields: ClassVar[tuple[str, ...]] = ("question", "context")
    limited_fields: ClassVar[tuple[str, ...]] = ("context",)

    parameters: AnswerParameters = AnswerParameters()


class AnswerReply(ScoredReply):
    """An answer; empty, at 0 to 0, where the context holds none."""

    answer: str
    score: float
    start: int
    end: int


_ANSWER = schema_ref(AnswerReply)


class AnswerService(ServiceTask[AnswerParameters, QAPrediction, Task]):
    """The answer to a question about a context."""

    summary = "The passage of a context that answers."
    request = AnswerRequest
    replies = (AnswerReply,)
    reply: ClassVar[Json] = {"anyOf": [_ANSWER, array_of(_ANSWER)]}
    nothing = Question("", "")

    @override
    def input(self, item: QuestionItem) -> Input:
        return Question(item.question, item.context)

    @override
    def write(self, prediction: QAPrediction, wanted: AnswerParameters, task: Task) -> Json:
        answers = prediction.answers
        if wanted.handle_impossible_answer is False:
            answers = tuple(a for a in answers if a.text) or answers
        several = wanted.top_k is not None and wanted.top_k > 1
        found = [
            {"answer": a.text, "score": a.score, "start": a.start, "end": a.end, **mark(a)}
            for a in answers[: wanted.top_k or 1]
        ]
        return found if several else found[0]

    @override
    def findings(self, prediction: QAPrediction) -> list[tuple[str, float]]:
        best = prediction.best
        return [("answer", best.score)] if best.text and not best.abstained else []


TASK = AnswerService()
