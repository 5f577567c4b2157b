"""Abstention: the score below which a model is not to be relied on, for a tolerated error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from burnish.calibration.reliability import calibration_error
from burnish.calibration.risk import safest_cut
from burnish.calibration.rowed import Rowed, claims_of
from burnish.calibration.scope import Outside, reject_score
from burnish.calibration.shortfall import shortfall
from burnish.calibration.tolerance import Tolerance
from burnish.tasks import Task
from burnish.tasks.predictions import Claim

__all__ = ["EVERYTHING", "Promise", "fit_task", "promise_for"]

EVERYTHING = 2.0
"""``abstain_below`` of a model that can promise nothing: no score is as high."""

TaskT = TypeVar("TaskT", bound=Task)


class Promise(BaseModel):
    """What is guaranteed for the answers that are not marked as abstained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: float
    """The tolerated share of wrong answers."""
    confidence: float
    kept_from: float | None
    """The lowest score for which the promise is kept; None: for none."""
    claims: int
    """The answers that the promise is fitted on."""
    answered: int
    """How many of them reach the score."""
    wrong: int
    """How many of those are wrong."""
    bound: float | None
    """Upper bound of the share that is wrong."""
    note: str = ""
    """Why nothing can be promised."""


def promise_for(
    claims: Sequence[Claim], tolerance: Tolerance, *, rows: int | None = None
) -> Promise:
    """The promise that these answers allow.

    Args:
        claims: what the answers to the validation rows say.
        tolerance: must have an ``error``.
        rows: how many rows the answers come from; None: as many as there are answers.
    """
    assert tolerance.error is not None  # noqa: S101  else there is nothing to be promised
    scores = np.array([claim.score for claim in claims], dtype=np.float64)
    right = np.array([claim.right for claim in claims], dtype=bool)
    error, confidence = tolerance.error, tolerance.confidence
    cut = safest_cut(scores, right, error=error, confidence=confidence)
    count = len(claims)
    return Promise(
        error=error,
        confidence=confidence,
        kept_from=cut.threshold if cut else None,
        claims=count,
        answered=cut.answered if cut else 0,
        wrong=cut.wrong if cut else 0,
        bound=cut.bound if cut else None,
        note="" if cut else shortfall(claims, tolerance, rows=count if rows is None else rows),
    )


def fit_task(
    task: TaskT,
    rows: Rowed,
    logits: Sequence[Any],
    *,
    tolerance: Tolerance | None,
    outside: Outside | None = None,
) -> tuple[TaskT, Promise | None]:
    """Calibrate a task, tune its thresholds, and set the score below which it abstains.

    Args:
        task: the task of the model that gave the logits.
        rows: the encoded validation rows.
        logits: one array per window, by row.
        tolerance: None marks only what the task's aim asks for.
        outside: rows out of scope, if there are any; half of them choose the score of
            ``tolerance.reject``.

    Returns:
        The task, and its promise where the tolerance has an error.
    """
    plain = task.model_copy(update={"abstain_below": 0.0})
    fitted = _fitted(plain, rows, logits)
    if tolerance is None:
        return fitted, None
    least, promise = [fitted.abstain_below, tolerance.score or 0.0], None
    if tolerance.error is not None:
        promise = promise_for(_claims(fitted, rows, logits), tolerance, rows=len(rows.examples))
        least.append(EVERYTHING if promise.kept_from is None else promise.kept_from)
    if tolerance.reject is not None and outside is not None:
        least.append(reject_score(outside.chosen_scores(fitted), tolerance.reject))
    return fitted.model_copy(update={"abstain_below": max(least)}), promise


def _fitted(plain: TaskT, rows: Rowed, logits: Sequence[Any]) -> TaskT:
    """Calibrated and tuned; only tuned where calibration makes the scores of these rows worse."""
    fitted = plain.fit(rows.examples, rows.encodings, logits)
    before, after = (
        calibration_error(_claims(each, rows, logits)) for each in (fitted.uncalibrated(), fitted)
    )
    if after <= before:
        return fitted
    return plain.uncalibrated().tune(rows.examples, rows.encodings, logits)


def _claims(task: Task, rows: Rowed, logits: Sequence[Any]) -> list[Claim]:
    return [claim for row in claims_of(task, rows, logits) for claim in row]
