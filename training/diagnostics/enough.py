"""A learning curve in words: what twice the rows would gain, and which labels have too few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.arrays import FloatArray
from burnish.plural import plural

from .extrapolation import Forecast, forecast_score
from .learning_curve import CurveRows, LearningCurve, predicted_labels

__all__ = ["Enough", "StarvedLabel", "describe_enough"]

_SHOWN = 8
_BEHIND = 0.1


@dataclass(frozen=True, slots=True)
class StarvedLabel:
    """A label that scores far below the others, but gained by the last doubling of the rows."""

    label: str
    rows: int
    f1: float
    gained: float
    """F1 that it gained by the last doubling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enough:
    """The curve with its extrapolation."""

    metric: str
    sizes: tuple[int, ...]
    scores: tuple[float, ...]
    now: Forecast
    """The score with all training rows; the curve always holds some out."""
    twice: Forecast
    starved: tuple[StarvedLabel, ...]

    def lines(self) -> list[str]:
        """Lines for a terminal."""
        width = max(len(str(size)) for size in self.sizes)
        found = [
            f"learning curve: {self.metric} of a frozen encoder by training rows, on held-out rows"
        ]
        found += [
            f"  {size:>{width}}  {score:.3f}"
            for size, score in zip(self.sizes, self.scores, strict=True)
        ]
        found.append(f"  all {self.now.rows}: {_shown(self.now)}")
        found.append(f"  twice the rows, {self.twice.rows}: {_shown(self.twice)}")
        found.append(f"  {self.verdict()}")
        for each in self.starved:
            found.append(
                f"  too few rows: {each.label} ({plural(each.rows, '# [row|rows]')}): "
                f"F1 {each.f1:.2f}, {each.gained:+.2f} by the last doubling"
            )
        return found

    def verdict(self) -> str:
        """A sentence on whether more rows would help."""
        gain = self.twice.value - self.now.value
        if gain >= 0.02:
            return f"twice the rows would gain about {gain:.3f}: labelling more is worthwhile"
        if self.scores[-1] - self.scores[0] <= 0.02:
            return (
                "more rows of this kind change little; better labels or another encoder might help"
            )
        return f"twice the rows would gain about {gain:.3f}: the curve is nearly flat"


def describe_enough(
    curve: LearningCurve, data: CurveRows, labels: Sequence[str], *, total: int, seed: int
) -> Enough:
    """Extrapolate a curve to all rows and to twice as many.

    Args:
        curve: as measured.
        data: the rows that it was measured on.
        labels: names of the targets.
        total: number of all training rows; the curve may have been measured on fewer.
        seed: seed of the bootstrap.
    """
    now, twice = (
        forecast_score(
            curve.sizes, curve.hits, curve.weights, groups=data.groups, rows=rows, seed=seed
        )
        for rows in (total, 2 * total)
    )
    several = "micro F1" if data.multi_label else "accuracy"
    return Enough(
        metric="micro F1 of tokens" if data.background is not None else several,
        sizes=curve.sizes,
        scores=curve.scores,
        now=now,
        twice=twice,
        starved=_starved(curve, data, labels),
    )


def _starved(
    curve: LearningCurve, data: CurveRows, labels: Sequence[str]
) -> tuple[StarvedLabel, ...]:
    last = _f1(curve.probabilities, data, curve.threshold)
    before = _f1(curve.previous, data, curve.threshold)
    counts = data.targets.sum(0)
    real = [i for i in range(len(labels)) if i != data.background and counts[i]]
    usual_score = float(np.median(last[real]))
    usual_count = float(np.median(counts[real]))
    found = [
        StarvedLabel(labels[i], int(counts[i]), float(last[i]), float(last[i] - before[i]))
        for i in real
        if last[i] <= usual_score - _BEHIND and counts[i] <= usual_count and last[i] > before[i]
    ]
    return tuple(sorted(found, key=lambda each: (-each.gained, each.label))[:_SHOWN])


def _f1(probabilities: FloatArray, data: CurveRows, threshold: float) -> npt.NDArray[np.float64]:
    """(labels,) F1 of held-out predictions."""
    predicted = predicted_labels(probabilities, data, threshold)
    right = (predicted & data.targets).sum(0)
    total = predicted.sum(0) + data.targets.sum(0)
    return np.asarray(2 * right / np.maximum(total, 1), dtype=np.float64)


def _shown(forecast: Forecast) -> str:
    return f"{forecast.value:.3f} [{forecast.low:.3f}, {forecast.high:.3f}], 90 % interval"
