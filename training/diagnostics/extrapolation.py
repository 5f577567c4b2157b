"""Extrapolation: what a score would be with more rows, and how certain that is.

A score's distance from 1 falls with the number of rows as ``a + b n^-c`` (Cortes et al. 1993,
Hestness et al. 2017). The curve is fitted to scores on held-out rows; the interval is a bootstrap
over those rows, over the fitted points, and over the rows of the next measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from burnish.arrays import DoubleArray
from burnish.tasks.intervals import bootstrap

__all__ = ["Forecast", "forecast_score"]


_POWERS = np.linspace(0.1, 1.0, 10)
"""Exponents of published learning curves; the best of them is chosen."""
_REPLICATES = 400
_FEWEST_POINTS = 3
_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """An extrapolated score with a 90 % interval."""

    rows: int
    value: float
    low: float
    high: float


def forecast_score(
    sizes: Sequence[int],
    hits: DoubleArray,
    weights: DoubleArray,
    *,
    groups: Sequence[str],
    rows: int,
    seed: int,
) -> Forecast:
    """The score with ``rows`` training rows, measured on as many fresh rows as were held out.

    Args:
        sizes: (points,) training rows, ascending.
        hits: (points, held-out rows) what each row adds to the score's numerator.
        weights: (points, held-out rows) and to its denominator.
        groups: one per held-out row; rows of a group are drawn together.
        rows: training rows to extrapolate to.
        seed: seed of the bootstrap.
    """
    rng = np.random.default_rng(seed)
    hits, weights = _by_group(hits, groups), _by_group(weights, groups)
    held_out = hits.shape[1]
    counts = rng.multinomial(held_out, np.full(held_out, 1 / held_out), size=_REPLICATES)
    scores = _ratio(counts @ hits.T, counts @ weights.T)
    noise = scores[:, -1] - scores[:, -1].mean()
    drawn = np.array([_extrapolated(sizes, each, rows, rng) for each in scores])
    drawn += rng.permutation(noise)
    value = _curve(sizes, _ratio(hits.sum(1), weights.sum(1)), rows, points=len(sizes))
    low, high = bootstrap(value, drawn.clip(0, 1), trials=held_out, confidence=_CONFIDENCE)
    return Forecast(rows, value, low, high)


def _by_group(values: DoubleArray, groups: Sequence[str]) -> DoubleArray:
    """(points, groups) sums."""
    names, index = np.unique(np.array(groups), return_inverse=True)
    return np.stack([np.bincount(index, row, minlength=len(names)) for row in values])


def _extrapolated(
    sizes: Sequence[int], scores: DoubleArray, rows: int, rng: np.random.Generator
) -> float:
    """One replicate: fit a random number of the last points, at least three."""
    points = int(rng.integers(min(_FEWEST_POINTS, len(sizes)), len(sizes) + 1))
    return _curve(sizes, scores, rows, points=points)


def _curve(sizes: Sequence[int], scores: DoubleArray, rows: int, *, points: int) -> float:
    """Fit ``1 - score = a + b n^-c`` with a, b >= 0 to the last points, and read it at ``rows``.

    Larger sizes weigh more, since they are nearer to ``rows``.
    """
    n = np.asarray(sizes[-points:], dtype=np.float64)
    errors, weight = 1 - scores[-points:], np.sqrt(n / n[-1])
    best, answer = np.inf, float(scores[-1])
    for power in _POWERS:
        x = (n / n[-1]) ** -power
        a, b = _line(x, errors, weight)
        loss = float((weight * (a + b * x - errors) ** 2).sum())
        if loss < best - 1e-12:
            best, answer = loss, 1 - (a + b * float((rows / n[-1]) ** -power))
    return answer


def _line(x: DoubleArray, y: DoubleArray, weight: DoubleArray) -> tuple[float, float]:
    """Weighted least squares of ``a + b x`` with a, b >= 0."""
    total = weight.sum()
    mean_x, mean_y = float(weight @ x / total), float(weight @ y / total)
    spread = float(weight @ (x - mean_x) ** 2)
    b = 0.0 if spread == 0 else max(0.0, float(weight @ ((x - mean_x) * (y - mean_y))) / spread)
    a = mean_y - b * mean_x
    if a < 0:
        return 0.0, float(weight @ (x * y) / (weight @ x**2))
    return a, b


def _ratio(numerator: DoubleArray, denominator: DoubleArray) -> DoubleArray:
    nothing = np.zeros_like(numerator, dtype=np.float64)
    scores: DoubleArray = np.divide(numerator, denominator, out=nothing, where=denominator > 0)
    return scores
