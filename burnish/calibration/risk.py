"""Risk: the score from which at most a given share of answers is wrong, with a given confidence.

Selective prediction with guaranteed risk (Geifman & El-Yaniv 2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["SafeCut", "error_bound", "least_answers", "safest_cut"]


@dataclass(frozen=True, slots=True)
class SafeCut:
    """A score, and what the rows say of the answers that reach it."""

    threshold: float
    answered: int
    wrong: int
    bound: float
    """Upper bound of the share that is wrong."""


def error_bound(wrong: int, answered: int, *, doubt: float) -> float:
    """Upper Clopper-Pearson bound of an error rate (Clopper & Pearson 1934), one-sided.

    Args:
        wrong: errors seen.
        answered: among so many.
        doubt: the chance that the true rate is higher all the same.
    """
    if wrong >= answered:
        return 1.0
    low, high = wrong / answered, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if _at_most(wrong, answered, middle) > doubt:
            low = middle
        else:
            high = middle
    return high


def safest_cut(
    scores: npt.NDArray[Any], right: npt.NDArray[np.bool_], *, error: float, confidence: float
) -> SafeCut | None:
    """The lowest score found with which at most ``error`` of what reaches it is wrong.

    The search (SGR, algorithm 2 of the paper) halves what is left of the ranked answers. Each
    score that it looks at has its share of the doubt, so that what it returns holds with
    ``confidence`` whichever it is. It holds for answers drawn as these were, and whose scores do
    not depend on them.

    Args:
        scores: (answers,).
        right: (answers,) whether each is right.
        error: the share of wrong answers that is tolerated.
        confidence: the chance that the promise is kept.

    Returns:
        None where the answers are too few, or too often wrong, for any score.
    """
    count = len(scores)
    if not count:
        return None
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    wrong_from = np.cumsum(~right[order][::-1])[::-1]
    doubt = (1 - confidence) / _looks(count)
    low, high = 0, count
    best: SafeCut | None = None
    while low < high:
        middle = (low + high) // 2
        first = int(np.searchsorted(ranked, ranked[middle], side="left"))
        answered, wrong = count - first, int(wrong_from[first])
        bound = error_bound(wrong, answered, doubt=doubt)
        if bound <= error:
            best, high = SafeCut(float(ranked[first]), answered, wrong, bound), first
        else:
            low = middle + 1
    return best


def least_answers(*, error: float, confidence: float) -> int:
    """How many answers, all right, it takes before anything can be promised."""
    count = 1
    while _looks(count) * (1 - error) ** count > 1 - confidence:
        count += 1
    return count


def _looks(count: int) -> int:
    """At how many scores, at most, the search looks."""
    return count.bit_length()


def _at_most(wrong: int, answered: int, rate: float) -> float:
    """Chance of at most so many errors among so many answers."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return float(wrong >= answered)
    k = np.arange(wrong + 1)
    steps = np.log(answered - k[:-1]) - np.log(k[1:])
    choose = np.concatenate([[0.0], np.cumsum(steps)])
    logs = choose + k * math.log(rate) + (answered - k) * math.log1p(-rate)
    return float(np.exp(logs).sum())
