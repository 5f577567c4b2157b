"""``POST /classify`` with a text: its labels."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from burnish.tasks.classification.prediction import Classification
from burnish.tasks.classification.settings import ClassificationTask

from ...errors import HTTPError
from ..replies import ScoredReply, mark
from ..requests import AnyText, InferenceRequest, Parameters, TaskRequest, Text, Threshold, TopK
from .kind import Json, ServiceTask, array_of, schema_ref

__all__ = [
    "TASK",
    "ClassificationService",
    "ClassifyParameters",
    "ClassifyRequest",
    "LabelReply",
]

_DEFAULT_LABELS = 5
"""As many as Hugging Face's API sends where ``top_k`` is not given."""


class ClassifyParameters(Parameters):
    """How much of a classification to send."""

    top_k: TopK | None = Field(
        None,
        description="The most labels to return; null: all. Default: 5 with one label per text, "
        "else all.",
    )
    threshold: Threshold | None = Field(
        None,
        description="The least score of a label. Default: 0 with one label per text, else each "
        "label's own threshold.",
    )
    function_to_apply: Literal["softmax", "sigmoid"] | None = Field(
        None,
        description="No effect: the model's own is used, softmax with one label per text, "
        "sigmoid with several.",
    )


class ClassifyRequest(InferenceRequest[Text, AnyText]):
    """A text or several, to be classified."""

    parameters: ClassifyParameters = ClassifyParameters()


class LabelReply(ScoredReply):
    """A label of a text."""

    label: str
    score: float = Field(description="Probability of the label.")


class ClassificationService(ServiceTask[ClassifyParameters, Classification, ClassificationTask]):
    """Labels of a text."""

    summary = "Labels of a text, best first."
    request: ClassVar[type[TaskRequest]] = ClassifyRequest
    replies: ClassVar[tuple[type[LabelReply], ...]] = (LabelReply,)
    reply = array_of(schema_ref(LabelReply))
    nested = True

    @override
    def function(self, task: ClassificationTask) -> str | None:
        return "sigmoid" if task.multi_label else "softmax"

    @override
    def check(self, wanted: ClassifyParameters, task: ClassificationTask) -> None:
        """Scores are what the model was trained for; a caller may name that and nothing else."""
        own = self.function(task)
        if wanted.function_to_apply not in (None, own):
            raise HTTPError(
                "validation", f"parameters.function_to_apply: this model has {own}; leave it out"
            )

    @override
    def write(
        self, prediction: Classification, wanted: ClassifyParameters, task: ClassificationTask
    ) -> Json:
        scores = prediction.scores
        if wanted.threshold is not None:
            scores = tuple(s for s in scores if s.score >= wanted.threshold)
        elif task.multi_label:
            scores = tuple(s for s in scores if s.label in prediction.labels)
        top_k = wanted.top_k
        if top_k is None and "top_k" not in wanted.model_fields_set and not task.multi_label:
            top_k = _DEFAULT_LABELS
        return [{"label": s.label, "score": s.score, **mark(s)} for s in scores[:top_k]]

    @override
    def findings(self, prediction: Classification) -> list[tuple[str, float]]:
        best = prediction.scores[0]
        if len(prediction.labels) == 1 and best.label == prediction.labels[0]:
            return [] if best.abstained else [(best.label, best.score)]
        given = [s for s in prediction.scores if s.label in prediction.labels]
        return [(s.label, s.score) for s in given if not s.abstained]


TASK = ClassificationService()
