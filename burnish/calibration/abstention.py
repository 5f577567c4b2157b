"""Abstention: the score below which a model is not to be relied on, for a tolerated error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from burnish.calibration.risk import least_answers, safest_cut
from burnish.calibration.tolerance import Tolerance
from burnish.tasks import Task
from burnish.tasks.predictions import Claim

__all__ = ["EVERYTHING", "Promise", "fit_task", "promise_for"]

EVERYTHING = 2.0
"""``abstain_below`` of a model that can promise nothing: no score is as high."""

TaskT = TypeVar("TaskT", bound=Task)


class Promise(BaseModel):
    """What can be said of the answers that are not abstained from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: float
    """Tolerated."""
    confidence: float
    kept_from: float | None
    """The score from which it is kept; None: from none."""
    claims: int
    """Answers that it is fitted on."""
    answered: int
    """Those that reach the score."""
    wrong: int
    """Of these."""
    bound: float | None
    """Upper bound of the share that is wrong."""
    note: str = ""
    """Why nothing can be promised."""


def promise_for(claims: Sequence[Claim], tolerance: Tolerance) -> Promise:
    """The promise that these answers allow."""
    scores = np.array([claim.score for claim in claims], dtype=np.float64)
    right = np.array([claim.right for claim in claims], dtype=bool)
    given = tolerance.model_dump()
    cut = safest_cut(scores, right, **given)
    if cut is None:
        note = _why_not(len(claims), int((~right).sum()), tolerance)
        return Promise(
            **given, kept_from=None, claims=len(claims), answered=0, wrong=0, bound=None, note=note
        )
    return Promise(
        **given,
        kept_from=cut.threshold,
        claims=len(claims),
        answered=cut.answered,
        wrong=cut.wrong,
        bound=cut.bound,
    )


def fit_task(
    task: TaskT, rows: Any, logits: Sequence[Any], *, tolerance: Tolerance | None
) -> tuple[TaskT, Promise | None]:
    """Calibrate a task, tune its thresholds, and set the score below which it abstains.

    Args:
        task: of the model that gave the logits.
        rows: validation rows with ``examples``, ``inputs`` and ``encodings``.
        logits: for each row one array a window.
        tolerance: None: nothing is to be promised.

    Returns:
        The task, and its promise where there is a tolerance.
    """
    plain: Any = task.model_copy(update={"abstain_below": 0.0})
    fitted = plain.fit(rows.examples, rows.encodings, logits)
    if tolerance is None:
        return fitted, None
    promise = promise_for(_claims(fitted, rows, logits), tolerance)
    least = EVERYTHING if promise.kept_from is None else promise.kept_from
    below = max(fitted.abstain_below, least)
    return fitted.model_copy(update={"abstain_below": below}), promise


def _claims(task: Any, rows: Any, logits: Sequence[Any]) -> list[Claim]:
    answered = zip(rows.examples, rows.inputs, rows.encodings, logits, strict=True)
    return [
        claim
        for example, given, encoding, windows in answered
        for claim in task.claims(example, task.decode(given, encoding, windows))
    ]


def _why_not(claims: int, wrong: int, tolerance: Tolerance) -> str:
    least = least_answers(**tolerance.model_dump())
    asked = f"at most {tolerance.error:g} wrong, with confidence {tolerance.confidence:g}"
    if claims < least:
        return (
            f"validation has {claims} answers, too few to promise {asked}: that takes at least "
            f"{least}, all of them right. Every answer is marked as abstained"
        )
    return (
        f"of the {claims} validation answers {wrong} are wrong, and too many of the surest: no "
        f"score promises {asked}. Every answer is marked as abstained"
    )
