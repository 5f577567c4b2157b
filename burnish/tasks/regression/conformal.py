"""Intervals that hold the true score of a set share of texts: split conformal prediction.

Papadopoulos et al. 2002, "Inductive Confidence Machines for Regression"; Lei et al. 2018,
"Distribution-Free Predictive Inference for Regression", section 2.2. Nothing is assumed of the
model or of its errors, only that texts come from where the validation rows came from.
"""

from __future__ import annotations

import math

import numpy as np

from burnish.arrays import DoubleArray

__all__ = ["CONFIDENCE", "half_width"]

CONFIDENCE = 0.9
"""The share of texts whose true score lies in the interval."""


def half_width(errors: DoubleArray, *, confidence: float = CONFIDENCE) -> float | None:
    """Half the width of an interval around a score.

    It is the k-th smallest absolute error, k being the least whole number of at least
    (n + 1) · confidence. So the score of one more text lies inside with that probability at least.

    Args:
        errors: (n,) true score minus the model's, of rows that it was not trained on.
        confidence: between 0 and 1.

    Returns:
        None where the rows are too few for any finite width: fewer than 9 for 90 %.
    """
    rank = math.ceil((len(errors) + 1) * confidence - 1e-9)
    if rank > len(errors):
        return None
    return float(np.sort(np.abs(errors))[rank - 1])
