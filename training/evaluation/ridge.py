"""Ridge regression of scores: for the linear probe, and on words."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from burnish.arrays import DoubleArray
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows

__all__ = ["RIDGE_STRENGTHS", "RidgeFitter", "score_targets"]

RIDGE_STRENGTHS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
"""Inverse regularization strengths on standardized vectors, tried in order while they help."""


class RidgeFitter:
    """Fits ridge regressions (Hoerl & Kennard 1970) of the same rows.

    Args:
        task: of the scores.
        rows: to fit on.
        vectors: (rows, hidden), standardized.
    """

    def __init__(self, task: Task, rows: EncodedRows, vectors: DoubleArray) -> None:
        self._vectors = vectors
        self._targets = score_targets(task, rows)

    def fit(self, strength: float) -> tuple[DoubleArray, DoubleArray]:
        """Coefficients (1, hidden) and intercept (1,)."""
        model: Any = Ridge(alpha=1 / strength).fit(self._vectors, self._targets)
        return model.coef_.reshape(1, -1), np.array([model.intercept_])


def score_targets(task: Task, rows: EncodedRows) -> DoubleArray:
    """(rows,) the scores in standard deviations, for a task whose head is ``Head.SCORE``."""
    pairs = zip(rows.examples, rows.encodings, strict=True)
    return np.array([task.targets(*pair)[0] for pair in pairs], dtype=np.float64)
