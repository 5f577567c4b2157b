"""Labels in a row of a table: the label and its score, or the list of labels."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import AnswerCells, Sides, rounded
from burnish.tasks.labelled.example import LabelledExample
from burnish.tasks.labelled.prediction import Classification, LabelScore

__all__ = ["LabelCells"]

Labelled = TaskSettings[Any, LabelledExample, Classification]


class LabelCells(AnswerCells[LabelledExample, Classification]):
    """``label`` or ``labels``, ``score`` and ``abstained``; ``scores`` where several are shown.

    ``score`` is that of the best label; with several labels it is there even if none is given.
    """

    @override
    def sample(self, task: Labelled) -> Classification:
        return Classification(
            labels=("label",), scores=(LabelScore("label", 0.5, True),), tokens=0, windows=0
        )

    @override
    def answer(
        self, task: Labelled, prediction: Classification, *, top_k: int
    ) -> dict[str, object]:
        given = list(prediction.labels)
        cells: dict[str, object] = (
            {"labels": given} if task.several_labels else {"label": next(iter(given), None)}
        )
        cells["score"] = rounded(next((each.score for each in prediction.scores), 0.0))
        cells["abstained"] = prediction.abstained
        if top_k > 1:
            cells["scores"] = rounded(prediction.answer_document(top_k)["scores"])
        return cells

    @override
    def sides(self, example: LabelledExample, prediction: Classification) -> Sides:
        return Sides(_listed(example.labels), _listed(prediction.labels))

    @override
    def with_threshold(self, task: Labelled, score: float) -> Labelled:
        if not task.several_labels:
            return super().with_threshold(task, score)
        asked = dict.fromkeys(task.answer_labels, score)
        return task.model_copy(update={"thresholds": asked, "at_least_one": False})


def _listed(labels: tuple[str, ...]) -> object:
    """The label, or the list of labels where there is not exactly one."""
    return labels[0] if len(labels) == 1 else list(labels)
