"""Logistic regression of labels: for the linear probe."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from burnish.arrays import DoubleArray
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.regimes import Regime, task_regime
from burnish.tasks.tree import IndexArray, LabelTree

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
        self._outputs = len(task.output_labels)
        by_class = np.ones(self._outputs)
        if class_weights is not None:
            by_class = class_weights.numpy().astype(np.float64)
        tolerance = _ROUGH if rough else _FINE
        self._fits = [_Fit(choice, by_class, tolerance) for choice in _choices(task, rows)]

    def fit(self, strength: float) -> tuple[DoubleArray, DoubleArray]:
        """Coefficients (labels, hidden) and intercepts (labels,)."""
        coefficients = np.zeros((self._outputs, self._vectors.shape[1]))
        intercepts = np.zeros(self._outputs)
        for fit in self._fits:
            fit.run(self._vectors, strength)
            fit.write(coefficients, intercepts)
        return coefficients, intercepts


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """What a fit tells apart: the labels at some places, or whether one label holds."""

    places: IndexArray
    """Of the labels."""
    given: npt.NDArray[Any]
    """(rows,) which of the places; of one place, whether."""
    rows: IndexArray | None = None
    """The rows that tell; None: all."""
    whether: bool = False


def _choices(task: Task, rows: EncodedRows) -> Iterator[_Choice]:
    if task.tree is not None:
        yield from _tree_choices(task, task.tree, rows)
        return
    targets = label_targets(task, rows)
    everything = np.arange(len(task.output_labels))
    if targets.ndim == 1:
        yield _Choice(everything, targets)
        return
    for place, column in zip(everything, targets.T, strict=True):
        yield _Choice(np.array([place]), column, whether=True)


def _tree_choices(task: Task, tree: LabelTree, rows: EncodedRows) -> Iterator[_Choice]:
    """The choices that the model's numbers stand for: see burnish/tasks/taxonomy/odds.py."""
    pairs = zip(rows.examples, rows.encodings, strict=True)
    targets = np.stack([task.targets(*each)[0] for each in pairs])
    flat = task.tree_loss == "flat"
    if task_regime(task) is Regime.PATH:
        for places in (np.flatnonzero(tree.leaf),) if flat else tree.families:
            told = np.flatnonzero((targets[:, places] > 0).any(1))
            yield _Choice(places, targets[told][:, places].argmax(1), told)
        return
    for place, parent in enumerate(tree.parent.tolist()):
        known = targets[:, place] >= 0
        if not flat and parent >= 0:
            known &= targets[:, parent] > 0
        told = np.flatnonzero(known)
        yield _Choice(np.array([place]), targets[told, place] > 0, told, whether=True)


class _Fit:
    """The fit of one choice; ``model`` is None where one outcome alone occurs."""

    def __init__(self, choice: _Choice, by_class: DoubleArray, tolerance: float) -> None:
        self._choice = choice
        own = by_class[choice.places]
        self._weights = np.where(choice.given, own, 1.0) if choice.whether else own[choice.given]
        self._classes = np.unique(choice.given)
        several = len(self._classes) > 1
        self._model = (
            LogisticRegression(max_iter=100, tol=tolerance, warm_start=True) if several else None
        )

    def run(self, vectors: npt.NDArray[np.float32], strength: float) -> None:
        """Fit, from where the last fit ended."""
        if self._model is None:
            return
        self._model.set_params(C=strength)
        with warnings.catch_warnings():
            # It need not converge in every direction: validation chooses anyway.
            warnings.simplefilter("ignore", ConvergenceWarning)
            told = vectors if self._choice.rows is None else vectors[self._choice.rows]
            self._model.fit(told, self._choice.given, sample_weight=self._weights)

    def write(self, coefficients: DoubleArray, intercepts: DoubleArray) -> None:
        """Into (labels, hidden) and (labels,), at the labels' places."""
        places, model = self._choice.places, self._model
        if self._choice.whether:
            if model is not None:
                coefficients[places[0]] = model.coef_[0]
                intercepts[places[0]] = model.intercept_[0]
            elif len(self._classes):  # every row has the label, or none has
                rows = len(self._choice.given) + 1
                intercepts[places[0]] = np.log(2 * rows - 1) * (1 if self._classes[0] else -1)
            return
        found = places[self._classes]
        intercepts[places] = _ABSENT if len(found) else 0.0
        if model is None:
            intercepts[found] = 0.0
        elif len(found) == 2:  # scikit-learn gives one row, the difference of the two
            half = model.coef_[0].astype(np.float64) / 2
            coefficients[found] = np.stack([-half, half])
            offset = float(model.intercept_[0]) / 2
            intercepts[found] = [-offset, offset]
        else:
            coefficients[found] = model.coef_
            intercepts[found] = model.intercept_
