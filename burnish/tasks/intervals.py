"""Intervals: how far a score may be from the truth by chance. Each includes its score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.arrays import DoubleArray
from burnish.tasks.base import Task

__all__ = [
    "CONFIDENCE",
    "METHOD",
    "Interval",
    "bootstrap",
    "percentiles",
    "resample",
    "score_rows",
    "wilson",
]

CONFIDENCE = 0.95
METHOD = (
    "95 % intervals: Wilson's for shares of rows and for the macro F1, a percentile bootstrap over "
    "rows for the others"
)
"""For a reader of a table."""

_BATCH = 100
"""Bootstrap resamples drawn at once: bounds the memory."""
_SAME = 1e-9
"""Sums of the same numbers in another order differ by less."""

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Interval:
    """A score and its 95 % interval, which holds it."""

    value: float
    low: float
    high: float


def wilson(share: float, trials: float, *, confidence: float = CONFIDENCE) -> Ends:
    """The score interval of a proportion (Wilson 1927), which keeps a width at 0 and at 1.

    Recommended by Brown, Cai & DasGupta (2001, "Interval Estimation for a Binomial Proportion").

    Args:
        share: 0 to 1, of the trials.
        trials: how many, independent of each other; of none, everything is possible.
        confidence: 0 to 1, of both ends together.
    """
    if trials <= 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    spread = z**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def bootstrap(
    value: float, drawn: npt.NDArray[Any], *, trials: float, confidence: float = CONFIDENCE
) -> Ends:
    """The percentile bootstrap of a score from 0 to 1 (Efron 1979).

    If all rows are answered alike, resampling shows no spread, however few they are. So where the
    resampled score never changes, or the score is 0 or 1, the interval is at least Wilson's.

    Args:
        value: the score.
        drawn: (resamples,) of it.
        trials: independent observations behind the score.
        confidence: 0 to 1, of both ends together.
    """
    low, high = percentiles(value, drawn, confidence=confidence)
    if high - low < _SAME or min(value, 1 - value) < _SAME:
        least, most = wilson(value, trials, confidence=confidence)
        low, high = min(low, least), max(high, most)
    return low, high


def percentiles(value: float, drawn: npt.NDArray[Any], *, confidence: float = CONFIDENCE) -> Ends:
    """The percentile bootstrap of any figure, widened to hold the figure itself.

    Args:
        value: the figure.
        drawn: (resamples,) of it.
        confidence: 0 to 1, of both ends together.
    """
    tail = (1 - confidence) / 2
    low, high = (float(end) for end in np.quantile(drawn, [tail, 1 - tail]))
    return min(low, value), max(high, value)


def score_rows(
    task: Task, rows: DoubleArray, *, seed: int = 13, resamples: int = 1000
) -> dict[str, Interval]:
    """Every metric of rows, with its interval.

    Args:
        task: whose statistics they are.
        rows: (n, k) statistics of rows; at least one.
        seed: of the bootstrap.
        resamples: of the bootstrap.
    """
    values = task.score_of(rows)
    drawn, trials = resample(task, rows, seed=seed, resamples=resamples), task.trials(rows)
    return {
        name: Interval(
            float(value),
            *_ends(task, name, float(value), drawn[name], trials=trials.get(name, len(rows))),
        )
        for name, value in values.items()
    }


def _ends(task: Task, name: str, value: float, drawn: npt.NDArray[Any], *, trials: float) -> Ends:
    if name in task.proportions:
        return wilson(value, trials)
    if name in task.unbounded:
        return percentiles(value, drawn)
    return bootstrap(value, drawn, trials=trials)


def resample(
    task: Task, rows: DoubleArray, *, seed: int = 13, resamples: int = 1000
) -> dict[str, DoubleArray]:
    """Every metric of rows drawn with replacement, (resamples,) each.

    Args:
        task: whose statistics they are.
        rows: (n, k) statistics of rows.
        seed: of the draws.
        resamples: how many.
    """
    rng = np.random.default_rng(seed)
    count = len(rows)
    batches = []
    for begin in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - begin)
        weights = rng.multinomial(count, np.full(count, 1 / count), size=size)
        batches.append(task.score_of(rows, weights.astype(np.float64)))
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
