"""How far a trained model's scores can be trusted: calibration, abstention, texts out of scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from burnish.calibration import Outside, Promise, fit_task, measure_scope
from burnish.evidence.calibration import measure
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.torch_models.logits import predict_logits

from ..data.splits import EncodedParts

__all__ = ["Trust", "fit_rows", "measure_trust"]


@dataclass(frozen=True, slots=True)
class Trust:
    """The fitted task, with what was measured of it."""

    task: Task
    documents: dict[str, Any]
    """For ``metrics.json``: ``calibration``, ``abstention``, ``out_of_scope``."""
    promise: Promise | None

    @property
    def notes(self) -> list[str]:
        """Notes for the user."""
        return [self.promise.note] if self.promise and self.promise.note else []


def fit_rows(task: Task, rows: EncodedRows, logits: Any) -> Task:
    """Calibrate and tune the task on validation rows, without a promise."""
    return fit_task(task, rows, logits, tolerance=None)[0]


def measure_trust(
    model: nn.Module,
    task: Task,
    parts: EncodedParts,
    logits: Mapping[str, Any],
    *,
    recipe: Recipe,
) -> Trust:
    """Fit calibration and abstention on validation, and measure them on every part.

    Args:
        model: trained, in eval mode.
        task: the model's labels and window.
        parts: encoded rows.
        logits: the model's, by part.
        recipe: resolved.
    """
    tolerance, outside = recipe.abstain, _outside(model, task, parts, recipe)
    task, promise = fit_task(
        task, parts.validation, logits["validation"], tolerance=tolerance, outside=outside
    )
    rows = {part: (each, logits[part]) for part, each in parts.evaluated.items()}
    documents = measure(task, rows, promise=promise, tolerance=tolerance)
    if outside is not None:
        part = list(rows)[-1]
        chosen = tolerance is not None and tolerance.reject is not None
        documents["out_of_scope"] = measure_scope(
            task, outside, rows[part], part=part, chosen=chosen
        )
    return Trust(task, documents, promise)


def _outside(model: nn.Module, task: Task, parts: EncodedParts, recipe: Recipe) -> Outside | None:
    if parts.out_of_scope is None or recipe.data.out_of_scope is None:
        return None
    logits = predict_logits(model, task, parts.out_of_scope.encodings)
    return Outside(recipe.data.out_of_scope, parts.out_of_scope, logits)
