"""``POST /classify`` with a text: its labels in a tree, each with the path to it."""

from __future__ import annotations

from typing_extensions import override

from burnish.tasks.labelled.prediction import Classification
from burnish.tasks.taxonomy.prediction import Branches
from burnish.tasks.taxonomy.settings import TaxonomyTask

from ..replies import mark
from .classification import ClassificationService, ClassifyParameters, LabelReply
from .kind import Json, array_of, schema_ref

__all__ = ["TASK", "PathReply", "TaxonomyService"]

_USUAL = 5
"""As for other labels, where ``top_k`` is not given."""


class PathReply(LabelReply):
    """A label of a text, in a tree."""

    path: list[str]


class TaxonomyService(ClassificationService):
    """Labels of a text that lie in a tree."""

    summary = "Labels of a text in a tree, each with its path; best first."
    replies = (PathReply,)
    reply = array_of(schema_ref(PathReply))

    @override
    def write(  # type: ignore[override]
        self, prediction: Classification, wanted: ClassifyParameters, task: TaxonomyTask
    ) -> Json:
        """With one path its end, then the other leaves; with several every label that is given."""
        assert isinstance(prediction, Branches)  # noqa: S101  the task's own
        scores = prediction.scores if task.multi_label else prediction.listed
        if wanted.threshold is not None:
            scores = tuple(s for s in scores if s.score >= wanted.threshold)
        elif task.multi_label:
            scores = tuple(s for s in scores if s.label in prediction.labels)
        top_k = wanted.top_k
        if top_k is None and "top_k" not in wanted.model_fields_set and not task.multi_label:
            top_k = _USUAL
        return [
            {"label": s.label, "score": s.score, "path": list(s.path), **mark(s)}
            for s in scores[:top_k]
        ]

    @override
    def findings(self, prediction: Classification) -> list[tuple[str, float]]:
        assert isinstance(prediction, Branches)  # noqa: S101  the task's own
        return [(s.label, s.score) for s in prediction.ends if not s.abstained]


TASK = TaxonomyService()
