"""A linear classifier on fixed vectors for one label or several, fitted in a second.

The linear probe uses scikit-learn's solver, for a model that may be served. Here dozens of fits are
compared with each other, and several labels are fitted together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from burnish.arrays import FloatArray

__all__ = ["STRENGTHS", "LinearClassifier", "fit_linear"]


STRENGTHS = (0.003, 0.01, 0.03, 0.1)
"""Inverse regularization strengths on standardized vectors, as scikit-learn's ``C``: on five sets
and four sizes the best one was always among them."""
_STEPS = 40
_DEAD = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class LinearClassifier:
    """Weights for vectors that are not standardized."""

    weight: FloatArray
    """(labels, hidden)."""
    bias: FloatArray
    """(labels,)."""
    multi_label: bool

    def probabilities(self, vectors: FloatArray) -> FloatArray:
        """(rows, labels)."""
        logits = torch.from_numpy(vectors @ self.weight.T + self.bias)
        scores = torch.sigmoid(logits) if self.multi_label else torch.softmax(logits, 1)
        found: FloatArray = scores.numpy()
        return found


def fit_linear(
    vectors: FloatArray, targets: npt.NDArray[np.bool_], *, multi_label: bool, strength: float
) -> LinearClassifier:
    """Logistic regression with an L2 penalty, by L-BFGS from zero: no seed, one answer.

    Args:
        vectors: (rows, hidden).
        targets: (rows, labels), one true per row or, with several labels, any number.
        multi_label: whether labels are independent of each other.
        strength: one of :data:`STRENGTHS`.
    """
    mean, scale = vectors.mean(0), vectors.std(0)
    scale[scale < _DEAD] = 1.0
    inputs = torch.from_numpy(((vectors - mean) / scale).astype(np.float32))
    wanted = torch.from_numpy(targets.astype(np.float32))
    weight = torch.zeros(targets.shape[1], vectors.shape[1], requires_grad=True)
    bias = torch.zeros(targets.shape[1], requires_grad=True)
    solver = torch.optim.LBFGS(
        [weight, bias], max_iter=_STEPS, tolerance_change=1e-6, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        solver.zero_grad()
        logits = inputs @ weight.T + bias
        if multi_label:
            each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
            data = each.sum()
        else:
            data = functional.cross_entropy(logits, wanted, reduction="sum")
        total = (data + weight.square().sum() / (2 * strength)) / len(inputs)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    with torch.enable_grad():
        solver.step(loss)  # type: ignore[no-untyped-call]
    folded = weight.detach().numpy() / scale
    return LinearClassifier(folded, bias.detach().numpy() - folded @ mean, multi_label)
