"""How far the scores of the graph that is served can be trusted, fitted after quantization."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from burnish.calibration import Promise, Tolerance, fit_task, measure, measure_scope
from burnish.run import Run
from burnish.tasks import ClassificationTask, Task
from burnish.tasks.encoded import EncodedRows

from .answers import Answers, decode
from .quantization import Quantized
from .search import Reference

__all__ = ["Served", "fit_served"]


@dataclass(frozen=True, slots=True)
class Served:
    """The task as it is served, and its answers to the rows that judge."""

    task: Task
    answers: Answers
    """To the validation rows."""
    promise: Promise | None

    def documents(
        self,
        run: Run,
        parts: Mapping[str, tuple[EncodedRows, Answers]],
        *,
        outside: EncodedRows,
        ask: Callable[[EncodedRows], Answers],
    ) -> dict[str, Any]:
        """``calibration``, ``abstention`` and ``out_of_scope`` of the manifest's ``metrics``.

        Args:
            run: its recipe names the rows out of scope.
            parts: rows and answers by part of the data, validation and perhaps test.
            outside: rows out of scope, perhaps none.
            ask: answers rows with the graph that is served.
        """
        rows = {part: (each, answers.logits) for part, (each, answers) in parts.items()}
        documents = measure(self.task, rows, promise=self.promise)
        if len(outside) and isinstance(self.task, ClassificationTask):
            part = "test" if "test" in rows else "validation"
            documents["out_of_scope"] = measure_scope(
                self.task,
                (outside, ask(outside).logits),
                rows[part],
                label=run.recipe.data.out_of_scope or "",
                part=part,
            )
        return documents


def fit_served(reference: Reference, outcome: Quantized, *, tolerance: Tolerance | None) -> Served:
    """Calibrate, tune and promise again, on the numbers of the graph that is shipped.

    Args:
        reference: has the rows, and the task as it was fitted in training.
        outcome: the graph.
        tolerance: what the user tolerates; None: nothing is promised.
    """
    rows, logits = reference.rows, outcome.answers.logits
    task, promise = fit_task(reference.task, rows, logits, tolerance=tolerance)
    return Served(task, decode(task, rows, logits), promise)
