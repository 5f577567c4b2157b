"""The largest difference between several scores, with an interval that allows for its choice."""

from __future__ import annotations

import numpy as np

from burnish.arrays import DoubleArray

__all__ = ["bound_gap"]


def bound_gap(
    scores: DoubleArray, errors: DoubleArray, *, confidence: float
) -> tuple[float, float]:
    """The interval of the largest difference.

    The largest of many differences is large by chance. So each gets the interval of Tukey and
    Kramer (Kramer 1956; Hayter 1984), which holds for all of them at once. The lower end is the
    highest of their lower ends, and 0 where no difference is certain.

    Args:
        scores: (k,) two or more, each on other rows.
        errors: (k,) their standard errors.
        confidence: that of both ends together, for example 0.95.
    """
    from scipy.stats import studentized_range

    first, second = np.triu_indices(len(scores), k=1)
    differences = np.abs(scores[first] - scores[second])
    reach = studentized_range.ppf(confidence, len(scores), np.inf) / np.sqrt(2)
    margins = reach * np.hypot(errors[first], errors[second])
    low, high = (differences - margins).max(), (differences + margins).max()
    return float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))
