"""Shortfall: why no error rate can be promised, and how many more rows a promise would take."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from burnish.calibration.risk import Start, error_chance, least_answers, starts_of
from burnish.calibration.tolerance import Tolerance
from burnish.plural import plural
from burnish.tasks import Example, Task
from burnish.tasks.predictions import Claim

__all__ = ["foresee", "shortfall"]

_MARKED = "Every answer is marked as abstained."
_MOST = 10**6
"""Answers beyond which a promise is called out of reach."""


def foresee(task: Task, examples: Sequence[Example], tolerance: Tolerance | None) -> str:
    """Say why no model can promise anything on these validation rows; empty if one can.

    Args:
        task: says how many right answers a row allows.
        examples: the validation rows.
        tolerance: what the recipe asks for.
    """
    if tolerance is None or tolerance.error is None:
        return ""
    answers = sum(task.most_right(example) for example in examples)
    least = least_answers(error=tolerance.error, confidence=tolerance.confidence)
    return "" if answers >= least else _too_few(answers, least, len(examples), tolerance)


def shortfall(claims: Sequence[Claim], tolerance: Tolerance, *, rows: int) -> str:
    """Say why these answers allow no promise.

    Args:
        claims: what the answers to the validation rows say.
        tolerance: must have an ``error``.
        rows: how many rows the answers come from.
    """
    assert tolerance.error is not None  # noqa: S101  else there is nothing to be promised
    least = least_answers(error=tolerance.error, confidence=tolerance.confidence)
    if len(claims) < least:
        return _too_few(len(claims), least, rows, tolerance)
    scores = np.array([claim.score for claim in claims], dtype=np.float64)
    right = np.array([claim.right for claim in claims], dtype=bool)
    looks = starts_of(scores, right)
    starts = [start for start in looks if start.answered]
    if not starts:
        lowest = min(start.threshold for start in looks)
        return (
            plural(len(claims), "None of the # validation [answer|answers] has a score ")
            + f"of at least {lowest:.2f}: no answer is confident enough. Train on more rows. "
            + _MARKED
        )
    needed, start = min(
        ((_needed(each, tolerance), each) for each in starts), key=lambda pair: pair[0][0]
    )
    times, answers = needed
    if not math.isfinite(times):
        best = min(starts, key=lambda each: each.wrong / each.answered)
        return (
            f"Of the {best.answered} validation answers with a score of at least "
            f"{best.threshold:.2f}, "
            + plural(best.wrong, "# [is|are] wrong ")
            + f"({_percent(best.wrong / best.answered)}), and at most {_percent(tolerance.error)} "
            f"are accepted. Accept more, or train on more rows. {_MARKED}"
        )
    wrong = f", {start.wrong} of them wrong," if start.wrong else ""
    about = "about " if start.wrong else ""
    return (
        plural(len(claims), "# validation [answer is|answers are] too few: ")
        + plural(start.answered, "# [lies|lie] above the first ")
        + f"threshold{wrong} and {about}{answers} are needed. {_label((times - 1) * rows)} "
        + _MARKED
    )


def _too_few(answers: int, least: int, rows: int, tolerance: Tolerance) -> str:
    more = (least - answers) * (rows / answers if answers else 1.0)
    return (
        plural(answers, "# validation [answer is|answers are] too few to promise at most ")
        + f"{_percent(tolerance.error)} wrong with {_percent(tolerance.confidence)} confidence: "
        f"{least} are needed, all of them right. {_label(more)} {_MARKED}"
    )


def _needed(start: Start, tolerance: Tolerance) -> tuple[float, int]:
    """How many times the answers, of the same kind, and how many then lie above the threshold."""
    error = tolerance.error or 0.0
    if not start.wrong:
        least = least_answers(error=error, confidence=tolerance.confidence)
        return least / start.answered, least
    low, high = start.answered, start.answered
    while high < _MOST and not _enough(start, high, tolerance):
        low, high = high, 2 * high
    if high >= _MOST:
        return math.inf, 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(start, middle, tolerance) else (middle, high)
    return high / start.answered, high


def _enough(start: Start, answers: int, tolerance: Tolerance) -> bool:
    """Whether this many answers, with the same share of wrong ones, allow the promise."""
    wrong = math.ceil(start.wrong / start.answered * answers)
    chance = error_chance(wrong, answers, error=tolerance.error or 0.0)
    return chance <= start.doubt(tolerance.confidence)


def _label(rows: float) -> str:
    """Round up to tens, or to two digits: the number is an estimate."""
    step = 10 ** max(1, math.floor(math.log10(max(rows, 1.0))) - 1)
    return f"Label about {math.ceil(max(rows, 1.0) / step) * step:,} more rows for validation."


def _percent(share: float | None) -> str:
    return f"{100 * (share or 0.0):.3g} %"
