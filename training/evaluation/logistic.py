"""Logistic regression of labels: for the linear probe."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from burnish.arrays import DoubleArray
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows

from .scoring import label_targets

__all__ = ["LOGISTIC_STRENGTHS", "LogisticFitter"]

LOGISTIC_STRENGTHS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Inverse regularization strengths on scaled vectors, tried in order while they help."""
_FINE, _ROUGH = 1e-4, 1e-3
"""Largest gradient at which the solver stops."""
_ABSENT = -10.0
"""Logit of a label without a training row."""


class LogisticFitter:
    """Fits logistic regressions of the same rows, each from the one before: strengths should rise.

    Args:
        task: of the labels.
        rows: to fit on.
        vectors: (rows, hidden), scaled.
        class_weights: (labels,) as in the loss.
        rough: stop early. Enough to tell one strength from another, and twice as fast; the probe
            itself loses up to 2 points by it where rows are few and labels many.
    """

    def __init__(
        self,
        task: Task,
        rows: EncodedRows,
        vectors: DoubleArray,
        class_weights: torch.Tensor | None,
        *,
        rough: bool = False,
    ) -> None:
        # In float32 scikit-learn's solver is several times faster, to the same scores.
        self._vectors = vectors.astype(np.float32)
        targets = label_targets(task, rows)
        self._outputs = len(task.output_labels)
        self._several = targets.ndim > 1
        by_class = np.ones(self._outputs)
        if class_weights is not None:
            by_class = class_weights.numpy().astype(np.float64)
        tolerance = _ROUGH if rough else _FINE
        self._targets: list[_Target]
        if self._several:
            self._targets = [
                _Target(column, np.where(column, weight, 1.0), tolerance)
                for column, weight in zip(targets.T, by_class, strict=True)
            ]
        else:
            self._targets = [_Target(targets, by_class[targets], tolerance)]

    def fit(self, strength: float) -> tuple[DoubleArray, DoubleArray]:
        """Coefficients (labels, hidden) and intercepts (labels,)."""
        for target in self._targets:
            target.fit(self._vectors, strength)
        return self._one_vs_rest() if self._several else self._one_of(self._targets[0])

    def _one_vs_rest(self) -> tuple[DoubleArray, DoubleArray]:
        coefficients = np.zeros((self._outputs, self._vectors.shape[1]))
        intercepts = np.zeros(self._outputs)
        for index, fit in enumerate(self._targets):
            if fit.model is None:  # every row has the label, or none has
                rows = len(self._vectors) + 1
                intercepts[index] = np.log(2 * rows - 1) * (1 if fit.classes[0] else -1)
            else:
                coefficients[index] = fit.model.coef_[0]
                intercepts[index] = fit.model.intercept_[0]
        return coefficients, intercepts

    def _one_of(self, fit: _Target) -> tuple[DoubleArray, DoubleArray]:
        coefficients = np.zeros((self._outputs, self._vectors.shape[1]))
        intercepts = np.full(self._outputs, _ABSENT)
        if fit.model is None:
            intercepts[fit.classes] = 0.0
        elif len(fit.classes) == 2:  # scikit-learn gives one row, the difference of the two
            half = fit.model.coef_[0].astype(np.float64) / 2
            coefficients[fit.classes] = np.stack([-half, half])
            offset = float(fit.model.intercept_[0]) / 2
            intercepts[fit.classes] = [-offset, offset]
        else:
            coefficients[fit.classes] = fit.model.coef_
            intercepts[fit.classes] = fit.model.intercept_
        return coefficients, intercepts


class _Target:
    """One choice between classes; ``model`` is None where only one of them occurs."""

    def __init__(self, given: npt.NDArray[Any], weights: DoubleArray, tolerance: float) -> None:
        self._given = given
        self._weights = weights
        self.classes = np.unique(given)
        several = len(self.classes) > 1
        self.model = (
            LogisticRegression(max_iter=100, tol=tolerance, warm_start=True) if several else None
        )

    def fit(self, vectors: npt.NDArray[np.float32], strength: float) -> None:
        if self.model is None:
            return
        self.model.set_params(C=strength)
        with warnings.catch_warnings():
            # It need not converge in every direction: validation chooses anyway.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model.fit(vectors, self._given, sample_weight=self._weights)
