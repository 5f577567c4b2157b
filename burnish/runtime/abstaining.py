"""The score below which answers are marked as abstained, if a caller asks for another one."""

from __future__ import annotations

from burnish.bundle import Manifest
from burnish.calibration import reject_score
from burnish.errors import InputError

__all__ = ["abstain_below"]


def abstain_below(manifest: Manifest, *, score: float | None, reject: float | None) -> float:
    """The score that a caller asks for; with both settings, the higher one.

    Args:
        manifest: the bundle's manifest.
        score: 0 to 1.
        reject: between 0 and 1, the share of the rows out of scope to mark.

    Raises:
        InputError: neither is given, one is out of its range, or there are no rows out of scope.
    """
    if score is None and reject is None:
        raise InputError("abstain is empty", "give score or reject")
    if score is not None and not 0 <= score <= 1:
        raise InputError(f"score is {score:g}, and must be from 0 to 1", "0.7, for example")
    if reject is None:
        return score or 0.0
    if not 0 < reject < 1:
        raise InputError(f"reject is {reject:g}, and must lie between 0 and 1", "0.9, for example")
    if not manifest.scope_scores:
        raise InputError(
            "this model was exported without rows out of scope, whose scores would choose one",
            "give score, or train with data.out_of_scope and export again",
        )
    return max(score or 0.0, reject_score(manifest.scope_scores, reject))
