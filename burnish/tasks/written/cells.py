"""Written answers in a row of a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from typing_extensions import override

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import AnswerCells, Sides, rounded
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Writing, Written

__all__ = ["WrittenCells"]

_WritingTask = TaskSettings[Any, WrittenExample, Written]


class WrittenCells(AnswerCells[WrittenExample, Written]):
    """The text, its ``score``, whether it ``ended`` by itself, and ``abstained``."""

    @override
    def sample(self, task: _WritingTask) -> Written:
        return replace(task.unanswered, writing=Writing("text", 0.5))

    @override
    def answer(self, task: _WritingTask, prediction: Written, *, top_k: int) -> dict[str, object]:
        del task
        writing = prediction.writing
        document = {**prediction.answer_document(top_k), "ended": writing.ended}
        cells = {name: rounded(value) for name, value in document.items()}
        return {**cells, "abstained": prediction.abstained}

    @override
    def sides(self, example: WrittenExample, prediction: Written) -> Sides:
        return Sides(example.target, prediction.text)
