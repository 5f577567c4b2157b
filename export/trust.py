"""How far the scores of the graph that is served can be trusted, fitted after quantization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from burnish.calibration import Outside, Promise, Tolerance, fit_task, measure_scope
from burnish.evidence.calibration import measure
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows

from .answers import Answers, decode
from .int8.quantization import Quantized
from .int8.search import Reference

__all__ = ["Served", "fit_served"]


@dataclass(frozen=True, slots=True)
class Served:
    """The task as it is served, and its answers to the rows that judge."""

    task: Task
    answers: Answers
    """To the validation rows."""
    promise: Promise | None
    tolerance: Tolerance | None
    """What was asked for."""
    outside: Outside | None
    """The rows out of scope, where there are any."""

    @property
    def scope_scores(self) -> tuple[float, ...]:
        """Scores of rows out of scope, for those who ask the bundle to reject a share of them."""
        if self.outside is None:
            return ()
        return self.outside.chosen_scores(self.task)

    def documents(self, parts: Mapping[str, tuple[EncodedRows, Answers]]) -> dict[str, Any]:
        """``calibration``, ``abstention`` and ``out_of_scope`` of the manifest's ``metrics``.

        Args:
            parts: rows and answers by part of the data, validation and perhaps test.
        """
        rows = {part: (each, answers.logits) for part, (each, answers) in parts.items()}
        documents = measure(self.task, rows, promise=self.promise, tolerance=self.tolerance)
        if self.outside is not None:
            part = list(rows)[-1]
            chosen = self.tolerance is not None and self.tolerance.reject is not None
            documents["out_of_scope"] = measure_scope(
                self.task, self.outside, rows[part], part=part, chosen=chosen
            )
        return documents


def fit_served(
    reference: Reference,
    outcome: Quantized,
    *,
    tolerance: Tolerance | None,
    outside: Outside | None = None,
) -> Served:
    """Calibrate, tune and promise again, on the numbers of the graph that is shipped.

    Args:
        reference: has the rows, and the task as it was fitted in training.
        outcome: the graph.
        tolerance: what the user tolerates; None: nothing is promised.
        outside: rows out of scope and what the graph gives for them.
    """
    rows, logits = reference.rows, outcome.answers.logits
    task, promise = fit_task(reference.task, rows, logits, tolerance=tolerance, outside=outside)
    return Served(task, decode(task, rows, logits), promise, tolerance, outside)
