"""The documents on calibration and abstention in ``metrics.json`` and in a manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from burnish.calibration.abstention import Promise
from burnish.calibration.reliability import BINS, Reliability, reliability_of
from burnish.calibration.rowed import Rowed, claims_of
from burnish.calibration.tolerance import Tolerance
from burnish.tasks import Task
from burnish.tasks.predictions import Claim

__all__ = ["judge_claims", "measure"]

Json = dict[str, Any]
ClaimedRows = list[list[Claim]]

_POINTS = 50


def measure(
    task: Task,
    parts: Mapping[str, tuple[Rowed, Sequence[Any]]],
    *,
    promise: Promise | None,
    tolerance: Tolerance | None = None,
) -> Json:
    """The documents ``calibration`` and ``abstention``; none for a task without probabilities.

    Args:
        task: the task, fitted on the validation rows.
        parts: rows and their logits, by part of the data.
        promise: what the task guarantees, if the recipe asked for a guarantee.
        tolerance: what the recipe asked for.
    """
    if not task.gives_probabilities:
        return {}
    plain = task.uncalibrated()
    after = {part: claims_of(task, *given) for part, given in parts.items()}
    before = {part: claims_of(plain, *given) for part, given in parts.items()}
    return {
        "calibration": {
            "of": task.claim_noun,
            "fitted_on": "validation",
            "bins": f"{BINS} at most, of equal mass",
            **task.fitted_scaling,
            "parts": {
                part: {
                    "before": _document(reliability_of(before[part])),
                    "after": _document(reliability_of(after[part])),
                }
                for part in parts
            },
        },
        "abstention": {
            "of": task.claim_noun,
            "aim": task.aim,
            "abstain_below": task.abstain_below,
            "asked": tolerance.model_dump(exclude_none=True) if tolerance else None,
            "promise": promise.model_dump() if promise else None,
            "parts": {part: _answered(task, claims) for part, claims in after.items()},
        },
    }


def judge_claims(task: Task, rows: ClaimedRows) -> Json:
    """Calibration and abstention of a served task on rows that its model was not fitted on.

    Both are empty for a task without probabilities.
    """
    if not task.gives_probabilities:
        return {}
    return {
        "calibration": _document(reliability_of(rows)),
        "abstention": {
            "of": task.claim_noun,
            "abstain_below": task.abstain_below,
            **_answered(task, rows),
        },
    }


def _document(found: Reliability | None) -> Json | None:
    return found.to_json() if found else None


def _answered(task: Task, rows: ClaimedRows) -> Json:
    """How many answers are given, how many of them are wrong, and both over all scores."""
    claims = [claim for row in rows for claim in row]
    kept = [claim for claim in claims if claim.score >= task.abstain_below]
    wrong = sum(not claim.right for claim in kept)
    return {
        "claims": len(claims),
        "answered": len(kept),
        "wrong": wrong,
        "coverage": len(kept) / len(claims) if claims else 0.0,
        "error": wrong / len(kept) if kept else 0.0,
        "rows": len(rows),
        "rows_abstained": sum(
            bool(row) and all(claim.score < task.abstain_below for claim in row) for row in rows
        ),
        "curve": _curve(claims),
    }


def _curve(claims: Sequence[Claim]) -> list[Json]:
    """Risk and coverage (El-Yaniv & Wiener 2010) at scores evenly over the ranked answers."""
    if not claims:
        return []
    ranked = sorted(claims, key=lambda claim: -claim.score)
    wrong = np.cumsum([not claim.right for claim in ranked])
    places = np.unique(np.linspace(1, len(ranked), num=min(_POINTS, len(ranked))).astype(int))
    return [
        {
            "threshold": ranked[place - 1].score,
            "coverage": float(place / len(ranked)),
            "error": float(wrong[place - 1] / place),
        }
        for place in places
    ]
