"""Risk: the score from which at most a given share of answers is wrong, with a given confidence.

Selective prediction with guaranteed risk (Geifman & El-Yaniv 2017): a bound on the errors of what
is answered, corrected for the number of scores tried. Their search halves the ranked answers, and
finds nothing if the surest half is too small for a promise, even if all of it is right. Here the
scores are fixed in advance and tested in sequences (Angelopoulos et al. 2021, "Learn then Test"):
each sequence has an equal share of the doubt, and goes on to lower scores while the bound holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = [
    "SafeCut",
    "Start",
    "error_bound",
    "error_chance",
    "least_answers",
    "safest_cut",
    "starts_of",
]

_STARTS = (0.999, 0.99, 0.95, 0.9, 0.7)
"""Where the sequences begin: a model that is sure, or one that is not, has one that suits it."""
_HIGHEST, _LOWEST, _STEP = 8.0, -5.0, 0.05
"""The scores that are tried, in logits: they lie closer together where most scores are."""


@dataclass(frozen=True, slots=True)
class SafeCut:
    """A score, and how many of the answers that reach it are wrong."""

    threshold: float
    answered: int
    wrong: int
    bound: float
    """Upper bound of the share that is wrong."""


@dataclass(frozen=True, slots=True)
class Start:
    """The first score of a sequence, and the answers that reach it."""

    threshold: float
    answered: int
    wrong: int

    def doubt(self, confidence: float) -> float:
        """This sequence's share of the chance that the promise is broken."""
        return (1 - confidence) / len(_STARTS)


def error_bound(wrong: int, answered: int, *, doubt: float) -> float:
    """Upper Clopper-Pearson bound of an error rate (Clopper & Pearson 1934), one-sided.

    Args:
        wrong: how many answers are wrong.
        answered: how many answers there are.
        doubt: the chance that the true rate is higher than the bound.
    """
    if wrong >= answered:
        return 1.0
    low, high = wrong / answered, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if error_chance(wrong, answered, error=middle) > doubt:
            low = middle
        else:
            high = middle
    return high


def safest_cut(
    scores: npt.NDArray[Any], right: npt.NDArray[np.bool_], *, error: float, confidence: float
) -> SafeCut | None:
    """The lowest score from which at most ``error`` of the answers are wrong.

    The promise is for answers that are drawn independently from the same source. The scores must
    not have been fitted on these answers; a temperature of one or two numbers hardly counts.

    Args:
        scores: (answers,) probabilities.
        right: (answers,) whether each is right.
        error: the share of wrong answers that is tolerated.
        confidence: the chance that the promise is kept.

    Returns:
        None where the answers are too few, or too often wrong, for any score.
    """
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    wrong_from = np.append(np.cumsum(~right[order][::-1])[::-1], 0)
    doubt = (1 - confidence) / len(_STARTS)
    levels = _levels()
    best: SafeCut | None = None
    for start in _STARTS:
        for level in levels[levels <= start]:
            first = int(np.searchsorted(ranked, level, side="left"))
            answered, wrong = len(ranked) - first, int(wrong_from[first])
            if error_chance(wrong, answered, error=error) > doubt:
                break
            if best is None or level < best.threshold:
                best = SafeCut(float(level), answered, wrong, bound=0.0)
    if best is None:
        return None
    bound = error_bound(best.wrong, best.answered, doubt=doubt)
    return SafeCut(best.threshold, best.answered, best.wrong, bound)


def starts_of(scores: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> list[Start]:
    """Where the sequences of :func:`safest_cut` begin; its arguments. It ends if all fail there."""
    levels = _levels()
    found = []
    for start in _STARTS:
        level = float(levels[levels <= start][0])
        reach = scores >= level
        found.append(Start(level, int(reach.sum()), int((reach & ~right).sum())))
    return found


def least_answers(*, error: float, confidence: float) -> int:
    """How many answers are needed for a promise if all of them are right."""
    doubt = (1 - confidence) / len(_STARTS)
    return max(1, math.ceil(math.log(doubt) / math.log1p(-error)))


def _levels() -> npt.NDArray[np.float64]:
    """Scores, descending, the last one 0."""
    logits = np.arange(_HIGHEST, _LOWEST, -_STEP)
    return np.append(1 / (1 + np.exp(-logits)), 0.0)


def error_chance(wrong: int, answered: int, *, error: float) -> float:
    """The binomial chance of at most ``wrong`` errors at an error rate between 0 and 1."""
    k = np.arange(wrong + 1)
    steps = np.log(answered - k[:-1]) - np.log(k[1:])
    choose = np.concatenate([[0.0], np.cumsum(steps)])
    logs = choose + k * math.log(error) + (answered - k) * math.log1p(-error)
    return float(np.exp(logs).sum())
