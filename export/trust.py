"""How far the scores of the served graph can be trusted, fitted after quantization."""

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
    """The task as it is served, with its answers to the validation rows."""

    task: Task
    answers: Answers
    promise: Promise | None
    tolerance: Tolerance | None
    """How often answers may be wrong, by the user or the recipe."""
    outside: Outside | None
    """The out-of-scope rows, if any."""

    @property
    def scope_scores(self) -> tuple[float, ...]:
        """Scores of out-of-scope rows, for a server that is asked to reject a share of them."""
        if self.outside is None:
            return ()
        return self.outside.chosen_scores(self.task)

    def documents(self, parts: Mapping[str, tuple[EncodedRows, Answers]]) -> dict[str, Any]:
        """``calibration``, ``abstention`` and ``out_of_scope`` of the manifest's ``metrics``."""
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
    """Calibrate the task, tune its thresholds and promise an error rate, all on the shipped graph.

    Args:
        reference: the rows, and the task as training fitted it.
        outcome: the shipped graph and its answers.
        tolerance: the error rate to promise; None promises nothing.
        outside: out-of-scope rows with the graph's logits.
    """
    rows, logits = reference.rows, outcome.answers.logits
    task, promise = fit_task(reference.task, rows, logits, tolerance=tolerance, outside=outside)
    return Served(task, decode(task, rows, logits), promise, tolerance, outside)
