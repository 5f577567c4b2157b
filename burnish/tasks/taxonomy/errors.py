"""Errors in a tree: the true path, and the one that is given."""

from __future__ import annotations

from typing_extensions import override

from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.labelled.example import LabelledExample
from burnish.tasks.labelled.prediction import Classification
from burnish.tasks.taxonomy.prediction import Branches
from burnish.tasks.tree import PATH_MARK

__all__ = ["BranchErrors"]


class BranchErrors(ErrorReader[LabelledExample, Classification]):
    """Errors as the deepest labels of either side."""

    @override
    def describe(self, example: LabelledExample, prediction: Classification) -> WrongAnswer:
        assert isinstance(prediction, Branches)  # noqa: S101  the task's own
        given = " + ".join(PATH_MARK.join(each.path) for each in prediction.ends)
        best = max((each.score for each in prediction.listed), default=0.0)
        return WrongAnswer(" + ".join(example.labels), given, best)
