"""Cells: a task's answers, and the true ones, as a row of a table holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from burnish.errors import InputError
from burnish.tasks.base import ExampleT, PredictionT, TaskSettings

__all__ = ["PLAIN_CELLS", "AnswerCells", "Mark", "Sides", "rounded"]

_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a row's first text, in code points, that is a true or a predicted answer."""

    start: int
    end: int
    name: str
    """What it is called, such as an entity's label."""
    is_true: bool
    is_said: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """The true and the predicted answer of a row, side by side: texts, or lists for JSON."""

    gold: object
    predicted: object


class AnswerCells(Generic[ExampleT, PredictionT]):
    """The cells of any task: the keys of the answer's JSON document are the columns.

    A task whose document makes poor cells has its own (``cells.py`` of its folder).
    """

    def sample(self, task: TaskSettings[Any, ExampleT, PredictionT]) -> PredictionT:
        """An answer with one of everything that an answer can hold: it gives the columns' types."""
        return task.unanswered

    def answer(
        self, task: TaskSettings[Any, ExampleT, PredictionT], prediction: PredictionT, *, top_k: int
    ) -> dict[str, object]:
        """An answer by columns, the same columns for every answer; scores have four digits.

        Args:
            task: the task that made the prediction.
            prediction: the answer.
            top_k: how many labels or answers are shown at most.
        """
        del task
        document = {**prediction.answer_document(top_k), "abstained": prediction.abstained}
        return {name: rounded(value) for name, value in document.items()}

    def sides(self, example: ExampleT, prediction: PredictionT) -> Sides | None:
        """The two answers to a labelled row; None where :class:`ErrorReader` says them well."""
        del example, prediction
        return None

    def marks(self, example: ExampleT, prediction: PredictionT) -> Sequence[Mark]:
        """The stretches of the row's first text that are answers; none for labels of texts."""
        del example, prediction
        return ()

    def with_threshold(
        self, task: TaskSettings[Any, ExampleT, PredictionT], score: float
    ) -> TaskSettings[Any, ExampleT, PredictionT]:
        """A copy of the task that gives what has at least this score.

        Raises:
            InputError: the task's answers do not depend on a threshold.
        """
        del score
        raise InputError(
            f"{task.answers}: no threshold decides what is answered",
            "leave the threshold out; to mark answers that are not sure, use --abstain-score",
        )


PLAIN_CELLS: AnswerCells[Any, Any] = AnswerCells()


def rounded(value: object) -> object:
    """The value with its scores, also those in lists and objects, rounded to four digits."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, Mapping):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [rounded(each) for each in value]
    return value
