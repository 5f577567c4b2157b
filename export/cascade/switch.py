"""Where a cascade goes from one model to the other, and what lies too near to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from burnish.arrays import FloatArray
from burnish.runtime.session import Session
from burnish.tasks.scores import softmax
from burnish.tasks.windows import Encoding

__all__ = ["Switch", "best_probability"]


@dataclass(frozen=True, slots=True)
class Switch:
    """The first model's probability from which it answers."""

    first: Session
    temperature: float
    """That makes probabilities of the first model's logits."""
    least: float
    within: float
    """How far a probability may lie from this processor's on another one."""

    def is_near(self, encoding: Encoding) -> bool:
        """Whether another processor may have the other model answer a window."""
        best = (best_probability(self.first.run(w), self.temperature) for w in encoding.windows)
        return any(abs(each - self.least) <= self.within for each in best)


def best_probability(logits: FloatArray, temperature: float) -> float:
    """How sure a model is of its answer to a window, from its (labels,) logits."""
    return float(softmax(logits.astype(np.float64) / temperature).max())
