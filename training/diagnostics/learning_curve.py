"""Learning curves on frozen vectors: the score with a sixteenth of the rows, an eighth, and so on.

Each row is held out in one of the folds, and nested subsets of the other rows are fitted. The
largest fit's answers to held-out rows also show which labels are likely wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from burnish.arrays import BoolArray, FloatArray, IntArray

from .linear import STRENGTHS, LinearClassifier, fit_linear

__all__ = [
    "CurveRows",
    "LearningCurve",
    "measure_curve",
    "predicted_labels",
    "row_folds",
    "row_order",
]


_PARTS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
_FEWEST = 8
"""Number of rows of the smallest subset."""
_CUTS = np.linspace(0.05, 0.7, 14)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CurveRows:
    """Vectors with their targets: one per row, or one per token of a row."""

    vectors: FloatArray
    """(units, hidden)."""
    targets: BoolArray
    """(units, labels)."""
    rows: IntArray
    """(units,) the row of each, ascending."""
    groups: Sequence[str]
    """One per row; rows of a group are held out together."""
    multi_label: bool = False
    background: int | None = None
    """The label "no entity", which counts neither as found nor as missed."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LearningCurve:
    """Scores of held-out rows by the number of training rows."""

    sizes: tuple[int, ...]
    hits: npt.NDArray[np.float64]
    """(sizes, rows) what each row adds to the score's numerator."""
    weights: npt.NDArray[np.float64]
    """(sizes, rows) and to its denominator; the score is accuracy or micro F1."""
    probabilities: FloatArray
    """(units, labels) of the largest fit that had not seen the row."""
    previous: FloatArray
    """(units, labels) of the fit on half as many rows."""
    threshold: float
    """With several labels, the probability from which one is predicted."""
    strength: float
    """Inverse regularization strength, chosen on the first fold."""

    @property
    def scores(self) -> tuple[float, ...]:
        """One score per size."""
        return tuple((self.hits.sum(1) / np.maximum(self.weights.sum(1), 1)).tolist())


def measure_curve(data: CurveRows, *, folds: int = 5, seed: int = 13) -> LearningCurve:
    """Fit nested subsets in every fold.

    Args:
        data: at least ``folds`` groups of rows.
        folds: number of parts of the rows, each of which is held out once.
        seed: decides the folds and the subsets.
    """
    rank = row_order(data.groups, seed=seed)
    fold_of = row_folds(data.groups, folds, seed=seed)
    total = len(data.groups)
    kept = round(total * (folds - 1) / folds)
    sizes = sorted({max(_FEWEST, round(kept * part)) for part in _PARTS})
    outputs = np.zeros((len(sizes), *data.targets.shape), dtype=np.float32)
    strength = _best_strength(data, fold_of)
    for fold in range(folds):
        held = fold_of[data.rows] == fold
        train_rows = np.array([row for row in rank.tolist() if fold_of[row] != fold])
        for index, size in enumerate(sizes):
            chosen = np.zeros(total, dtype=bool)
            chosen[train_rows[: size if index < len(sizes) - 1 else None]] = True
            units = chosen[data.rows]
            outputs[index, held] = _fitted(data, units, strength).probabilities(data.vectors[held])
    threshold = best_threshold(outputs[-1], data.targets) if data.multi_label else 0.5
    hits, weights = zip(*(row_sums(each, data, threshold) for each in outputs), strict=True)
    return LearningCurve(
        sizes=tuple(sizes),
        hits=np.stack(hits),
        weights=np.stack(weights),
        probabilities=outputs[-1],
        previous=outputs[-2] if len(sizes) > 1 else outputs[-1],
        threshold=threshold,
        strength=strength,
    )


def _fitted(data: CurveRows, units: BoolArray, strength: float) -> LinearClassifier:
    return fit_linear(
        data.vectors[units], data.targets[units], multi_label=data.multi_label, strength=strength
    )


def _best_strength(data: CurveRows, fold_of: IntArray) -> float:
    """The strength with the best score on the first fold."""
    held = fold_of[data.rows] == 0
    scores = []
    for strength in STRENGTHS:
        outputs = np.zeros(data.targets.shape, dtype=np.float32)
        outputs[held] = _fitted(data, ~held, strength).probabilities(data.vectors[held])
        cut = best_threshold(outputs[held], data.targets[held]) if data.multi_label else 0.5
        hits, weights = row_sums(outputs, data, cut)
        first = fold_of == 0
        scores.append(hits[first].sum() / max(1.0, weights[first].sum()))
    return STRENGTHS[int(np.argmax(scores))]


def row_sums(
    probabilities: FloatArray, data: CurveRows, threshold: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(rows,) numerators and denominators of accuracy, or of micro F1."""
    predicted, true = predicted_labels(probabilities, data, threshold), data.targets
    if data.background is not None:
        true = true.copy()
        predicted[:, data.background] = true[:, data.background] = False
    right = 2.0 * (predicted & true).sum(1)
    count = (predicted.sum(1) + true.sum(1)).astype(np.float64)
    rows = len(data.groups)
    return (
        np.asarray(np.bincount(data.rows, right, minlength=rows), np.float64),
        np.asarray(np.bincount(data.rows, count, minlength=rows), np.float64),
    )


def predicted_labels(probabilities: FloatArray, data: CurveRows, threshold: float) -> BoolArray:
    """(units, labels) which are predicted: the likeliest, or all from the threshold on."""
    predicted: BoolArray = probabilities >= threshold
    if not data.multi_label:
        predicted = probabilities.argmax(1)[:, None] == np.arange(probabilities.shape[1])
    return predicted


def best_threshold(probabilities: FloatArray, targets: BoolArray) -> float:
    """The threshold with the best micro F1."""
    found = []
    for cut in _CUTS:
        predicted = probabilities >= cut
        count = predicted.sum() + targets.sum()
        found.append(2 * (predicted & targets).sum() / max(1, count))
    return float(_CUTS[int(np.argmax(found))])


def row_order(groups: Sequence[str], *, seed: int) -> IntArray:
    """Row indices in an order that keeps groups together, decided by the seed alone."""
    keys = [_digest(seed, group) for group in groups]
    return np.array(sorted(range(len(groups)), key=lambda row: (keys[row], row)), dtype=np.int64)


def row_folds(groups: Sequence[str], folds: int, *, seed: int) -> IntArray:
    """(rows,) the fold of each row: groups stay whole, and folds have nearly the same size."""
    members: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    load = [0] * folds
    fold_of = np.zeros(len(groups), dtype=np.int64)
    for group in sorted(members, key=lambda name: (-len(members[name]), _digest(seed + 1, name))):
        lightest = load.index(min(load))
        load[lightest] += len(members[group])
        fold_of[members[group]] = lightest
    return fold_of


def _digest(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{text}".encode()).digest()
