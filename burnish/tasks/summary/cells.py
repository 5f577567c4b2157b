"""Summaries in a row of a table, and as marks in their document."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import AnswerCells, Mark, Sides, rounded
from burnish.tasks.summary.example import SummaryExample
from burnish.tasks.summary.prediction import Sentence, Summary
from burnish.tasks.summary.settings import KEY

__all__ = ["SummaryCells"]

Summarizing = TaskSettings[Any, SummaryExample, Summary]


class SummaryCells(AnswerCells[SummaryExample, Summary]):
    """``summary``, ``sentences``, a list, and ``abstained``."""

    @override
    def sample(self, task: Summarizing) -> Summary:
        sentence = Sentence("text", 0.5, 0.0, 0, 4, abstained=True)
        return Summary(sentences=(sentence,), tokens=0, windows=0)

    @override
    def sides(self, example: SummaryExample, prediction: Summary) -> Sides:
        return Sides(example.summary, rounded(prediction.text))

    @override
    def marks(self, example: SummaryExample, prediction: Summary) -> list[Mark]:
        true, said = set(example.key), prediction.spans
        return [
            Mark(*place, KEY, is_true=place in true, is_said=place in said)
            for place in sorted(true | said)
        ]
