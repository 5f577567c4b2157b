"""Errors of labels: the true ones, and those that are given."""

from __future__ import annotations

from typing_extensions import override

from burnish.tasks.errors import ErrorReader, WrongAnswer
from burnish.tasks.labelled.example import LabelledExample
from burnish.tasks.labelled.prediction import Classification

__all__ = ["LabelErrors"]


class LabelErrors(ErrorReader[LabelledExample, Classification]):
    """Errors of any labelled task. The confusions of labels say what kinds would."""

    @override
    def describe(self, example: LabelledExample, prediction: Classification) -> WrongAnswer:
        best = next((each.score for each in prediction.scores), 0.0)
        return WrongAnswer(" + ".join(example.labels), " + ".join(prediction.labels), best)
