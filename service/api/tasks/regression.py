"""``POST /score``: the score of a text, with its interval."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from burnish.tasks.regression.conformal import CONFIDENCE
from burnish.tasks.regression.prediction import Score
from burnish.tasks.regression.settings import RegressionTask

from ...errors import HTTPError
from ..requests import AnyText, InferenceRequest, Parameters, TaskRequest, Text
from .kind import Json, ServiceTask, schema_ref

__all__ = ["TASK", "ScoreParameters", "ScoreReply", "ScoreRequest", "ScoreService"]


class ScoreParameters(Parameters):
    """A score has no settings; ``abstain`` is refused, since it has no probability."""


class ScoreRequest(InferenceRequest[Text, AnyText]):
    """A text or several, to be given a score."""

    parameters: ScoreParameters = ScoreParameters()


class ScoreReply(BaseModel):
    """The score of a text."""

    model_config = ConfigDict(extra="forbid")

    score: float = Field(description="In the unit of the rows that the model was trained on.")
    interval: tuple[float, float] | None = Field(
        description=f"Low and high end: they hold the true score of {100 * CONFIDENCE:g} % of "
        "texts like those of the validation set. null: too few validation rows to tell."
    )
    level: float | None = Field(
        None, description="The nearest level; present if the model was trained on levels."
    )


class ScoreService(ServiceTask[ScoreParameters, Score, RegressionTask]):
    """The score of a text."""

    summary = "The score of a text, with an interval."
    request: ClassVar[type[TaskRequest]] = ScoreRequest
    replies = (ScoreReply,)
    reply = schema_ref(ScoreReply)

    @override
    def check(self, wanted: ScoreParameters, task: RegressionTask) -> None:
        if wanted.abstain is not None:
            raise HTTPError(
                "validation",
                "parameters.abstain: a score has no probability to abstain by; leave it out, and "
                "read the interval",
            )

    @override
    def write(self, prediction: Score, wanted: ScoreParameters, task: RegressionTask) -> Json:
        return prediction.answer_document(1)

    @override
    def findings(self, prediction: Score) -> list[tuple[str, float]]:
        """One score, as sure as its interval."""
        return [("score", CONFIDENCE if prediction.interval else 0.0)]


TASK = ScoreService()
