"""Scaling: what makes a model's scores probabilities, fitted on rows that it was not trained on.

With one label per text, a temperature is fitted (Guo et al. 2017). Where each answer is right or
wrong on its own, a temperature and a shift are (Platt 1999). Neither changes an answer, nor the
order of two answers. A fit is kept only if it lowers the loss of rows that it was not fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from burnish.arrays import DoubleArray
from burnish.tasks.scores import log_softmax, logit, sigmoid

__all__ = [
    "MAX_TEMPERATURE",
    "MIN_TEMPERATURE",
    "Places",
    "Scaling",
    "Temperature",
    "fit_scaling",
    "fit_temperature",
    "improves",
    "lowest",
    "soft_targets",
]

Places = npt.NDArray[np.intp]
FittedT = TypeVar("FittedT")

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.05, 20.0
Temperature = Annotated[float, Field(ge=MIN_TEMPERATURE, le=MAX_TEMPERATURE)]

_ENOUGH = 20
"""Right answers, and wrong ones, from which a scaling is fitted; fewer would fit noise."""
_FOLDS, _SEED = 5, 13
_STEPS = 50
_EDGE = 1e-12
_GOLDEN = (math.sqrt(5) - 1) / 2


class Scaling(BaseModel):
    """A logit divided by the temperature, and shifted."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperature: Temperature = 1.0
    shift: float = 0.0

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self.temperature == 1.0 and self.shift == 0.0

    def score(self, score: float) -> float:
        """A probability, scaled."""
        if self.is_identity:
            return score
        return float(sigmoid(logit(np.array(score)) / self.temperature + self.shift))

    def unscaled(self, score: float) -> float:
        """The probability that ``score`` turns into the one given."""
        if self.is_identity:
            return score
        return float(sigmoid((logit(np.array(score)) - self.shift) * self.temperature))


def fit_temperature(logits: npt.NDArray[Any], true: npt.NDArray[np.int64]) -> float:
    """The temperature of a softmax with the best likelihood; 1 where none lowers the loss.

    The true labels are smoothed as Platt does it, by the errors that so many rows cannot rule out:
    without a mistake among them, the best temperature would be 0.

    Args:
        logits: (rows, labels).
        true: (rows,) number of the true label.
    """
    rows, labels = logits.shape
    if rows < _ENOUGH:
        return 1.0

    def fit(places: Places) -> float:
        doubt = 1 / (len(places) + 2)
        target = np.full((len(places), labels), doubt / labels)
        target[np.arange(len(places)), true[places]] += 1 - doubt
        some = logits[places]
        return lowest(lambda each: -float((target * log_softmax(some / each)).sum()))

    def loss(temperature: float | None, places: Places) -> float:
        log_p = log_softmax(logits[places] / (temperature or 1.0))
        return -float(log_p[np.arange(len(places)), true[places]].sum())

    return fit(np.arange(rows)) if improves(rows, fit, loss) else 1.0


def fit_scaling(logits: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> Scaling | None:
    """Temperature and shift with the best likelihood (Platt 1999).

    Args:
        logits: (answers,) of their scores.
        right: (answers,) whether each is right.

    Returns:
        None if too few are right or too few wrong, if answers with higher scores are wrong more
        often, or if the fit does not lower the loss.
    """
    if min(int(right.sum()), int((~right).sum())) < _ENOUGH:
        return None

    def fit(places: Places) -> Scaling | None:
        return _platt(logits[places], right[places])

    def loss(scaling: Scaling | None, places: Places) -> float:
        found = scaling or Scaling()
        scaled = logits[places].astype(np.float64) / found.temperature + found.shift
        return float(np.logaddexp(0.0, np.where(right[places], -scaled, scaled)).sum())

    return _platt(logits, right) if improves(len(logits), fit, loss) else None


def improves(
    count: int,
    fit: Callable[[Places], FittedT],
    loss: Callable[[FittedT | None, Places], float],
) -> bool:
    """Whether a fit lowers the loss of rows that it has not seen (cross-validation, Stone 1974).

    Args:
        count: rows.
        fit: to the rows at some places.
        loss: of a fit, summed over the rows at some places; None: the scores stay as they are.
    """
    order = np.random.default_rng(_SEED).permutation(count)
    gain = 0.0
    for held_out in np.array_split(order, _FOLDS):
        rest = np.setdiff1d(order, held_out)
        gain += loss(None, held_out) - loss(fit(rest), held_out)
    return gain > 0


def _platt(logits: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> Scaling | None:
    design = np.stack([logits.astype(np.float64), np.ones(len(logits))], axis=1)
    target, weights = soft_targets(right), np.array([1.0, 0.0])
    for _ in range(_STEPS):
        p = sigmoid(design @ weights)
        slope = design.T @ (p - target)
        curvature = (design * np.maximum(p * (1 - p), _EDGE)[:, None]).T @ design
        step = np.linalg.solve(curvature + 1e-9 * np.eye(2), slope)
        size = np.abs(step).max()
        weights = weights - step / max(1.0, size)  # far from the optimum Newton leaps
        if size < 1e-10:
            break
    if weights[0] < 1 / MAX_TEMPERATURE:
        return None
    return Scaling(temperature=max(MIN_TEMPERATURE, 1 / weights[0]), shift=weights[1])


def soft_targets(right: npt.NDArray[np.bool_]) -> DoubleArray:
    """(answers,) 0 and 1, moved inwards by the errors that so many cannot rule out (Platt 1999)."""
    hits, misses = int(right.sum()), int((~right).sum())
    return np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))


def lowest(loss: Callable[[float], float]) -> float:
    """The temperature of the least loss, which has one valley (golden section on its logarithm)."""
    low, high = math.log(MIN_TEMPERATURE), math.log(MAX_TEMPERATURE)
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = loss(math.exp(left)), loss(math.exp(right))
    while high - low > 1e-6:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = loss(math.exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = loss(math.exp(right))
    return min(MAX_TEMPERATURE, max(MIN_TEMPERATURE, math.exp((low + high) / 2)))
