"""A row's true answer and the model's, with what a person needs to judge them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from burnish.tasks import Example, Prediction, Task
from burnish.tasks.answered import Answered
from burnish.tasks.cells import Mark, Sides
from burnish.tasks.table import find_task

__all__ = ["Compared", "compare_row", "compare_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A row with both answers."""

    row: str
    """Its id."""
    texts: tuple[tuple[str, str], ...]
    """Name and text of each text that the model read."""
    sides: Sides
    score: float
    """How sure the model is of what is wrong; of a right answer, of its least sure part."""
    abstained: bool
    right: bool
    kinds: str
    """The kinds of its errors, where the task has them."""
    marks: tuple[Mark, ...]
    """Stretches of the first text."""

    def fields(self) -> dict[str, object]:
        """For a row of a table."""
        return {
            "row": self.row,
            **dict(self.texts),
            "gold": self.sides.gold,
            "predicted": self.sides.predicted,
            "score": round(self.score, 4),
            "abstained": self.abstained,
            "right": self.right,
            "kind": self.kinds,
        }


def compare_rows(task: Task, answered: Answered, *, all_rows: bool = False) -> list[Compared]:
    """The rows whose answer is not completely right, in their order; or all rows.

    Args:
        task: the task that made the predictions.
        answered: labelled rows with predictions.
        all_rows: those with right answers too.
    """
    return list(_compared(task, answered, all_rows=all_rows))


def _compared(task: Task, answered: Answered, *, all_rows: bool) -> Iterator[Compared]:
    for example, prediction in zip(answered.examples, answered.predictions, strict=True):
        right = task.correct(example, prediction)
        if all_rows or not right:
            yield compare_row(task, example, prediction, right=right)


def compare_row(task: Task, example: Example, prediction: Prediction, *, right: bool) -> Compared:
    """One row with both answers."""
    kind = find_task(task.task)
    wrong = kind.errors.describe(example, prediction)
    sides = kind.cells.sides(example, prediction) or Sides(wrong.true, wrong.said)
    claims: list[Any] = task.claims(example, prediction) if right else []
    return Compared(
        row=example.id,
        texts=example.text_fields,
        sides=sides,
        score=min((claim.score for claim in claims), default=wrong.score),
        abstained=prediction.abstained,
        right=right,
        kinds=", ".join(sorted(set(kind.errors.kinds(example, prediction)))),
        marks=tuple(kind.cells.marks(example, prediction)),
    )
