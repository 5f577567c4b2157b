"""Answers in a row of a table, and as marks in their context."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import AnswerCells, Mark, Sides, rounded
from burnish.tasks.qa.example import QAExample
from burnish.tasks.qa.prediction import Answer, QAPrediction

__all__ = ["PassageCells"]

_QATask = TaskSettings[Any, QAExample, QAPrediction]


class PassageCells(AnswerCells[QAExample, QAPrediction]):
    """``answer``, ``score``, ``start``, ``end``, ``abstained``; ``others`` where asked for."""

    @override
    def sample(self, task: _QATask) -> QAPrediction:
        answers = (Answer("text", 0.5, 0, 4, abstained=True),) * 2
        return QAPrediction(answers=answers, tokens=0, windows=0)

    @override
    def answer(self, task: _QATask, prediction: QAPrediction, *, top_k: int) -> dict[str, object]:
        best = prediction.best
        cells: dict[str, object] = {
            "answer": best.text,
            "score": rounded(best.score),
            "start": best.start,
            "end": best.end,
            "abstained": prediction.abstained,
        }
        if top_k > 1:
            cells["others"] = rounded(prediction.answer_document(top_k)["others"])
        return cells

    @override
    def sides(self, example: QAExample, prediction: QAPrediction) -> Sides:
        accepted = list(dict.fromkeys(each.text for each in example.answers))
        gold = accepted if len(accepted) > 1 else next(iter(accepted), "")
        return Sides(gold, prediction.best.text)

    @override
    def marks(self, example: QAExample, prediction: QAPrediction) -> list[Mark]:
        true, best = set(example.marked), prediction.best
        said = {(best.start, best.end)} if best.text else set()
        return [
            Mark(*place, "answer", is_true=place in true, is_said=place in said)
            for place in sorted(true | said)
        ]
