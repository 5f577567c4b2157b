"""Labels of a tree in a row of a table: the deepest ones, and the path to each."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import Sides, rounded
from burnish.tasks.labelled.cells import LabelCells
from burnish.tasks.labelled.example import LabelledExample
from burnish.tasks.labelled.prediction import Classification
from burnish.tasks.taxonomy.prediction import Branches, BranchScore
from burnish.tasks.tree import PATH_MARK

__all__ = ["BranchCells"]

Settings = TaskSettings[Any, LabelledExample, Classification]


class BranchCells(LabelCells):
    """``label`` and ``path``, or ``labels`` and ``paths``; then as for labels of any kind."""

    @override
    def sample(self, task: Settings) -> Classification:
        end = BranchScore("label", 0.5, abstained=True, path=("label",))
        return Branches(labels=("label",), scores=(end,), ends=(end,), tokens=0, windows=0)

    @override
    def answer(
        self, task: Settings, prediction: Classification, *, top_k: int
    ) -> dict[str, object]:
        assert isinstance(prediction, Branches)  # noqa: S101  the task's own
        names = [each.label for each in prediction.ends]
        paths = [PATH_MARK.join(each.path) for each in prediction.ends]
        cells: dict[str, object] = (
            {"labels": names, "paths": paths}
            if task.several_labels
            else {"label": next(iter(names), None), "path": next(iter(paths), None)}
        )
        cells["score"] = rounded(max((each.score for each in prediction.listed), default=0.0))
        cells["abstained"] = prediction.abstained
        if top_k > 1:
            cells["scores"] = rounded(prediction.answer_document(top_k)["scores"])
        return cells

    @override
    def sides(self, example: LabelledExample, prediction: Classification) -> Sides:
        assert isinstance(prediction, Branches)  # noqa: S101  the task's own
        given = [each.label for each in prediction.ends]
        return Sides(_listed(list(example.labels)), _listed(given))


def _listed(labels: list[str]) -> object:
    return labels[0] if len(labels) == 1 else labels
