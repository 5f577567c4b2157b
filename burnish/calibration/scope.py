"""Out of scope: whether a classifier is less sure of texts that belong under none of its labels.

Such texts are no class of their own; the highest score tells them from others (Hendrycks & Gimpel
2017), as far as it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.calibration.documents import Rowed
from burnish.tasks import ClassificationTask

__all__ = ["auroc", "auroc_interval", "measure_scope"]

Scores = npt.NDArray[np.float64]

_Z = NormalDist().inv_cdf(0.975)
_HALVINGS = 50


def measure_scope(
    task: ClassificationTask,
    outside: tuple[Rowed, Sequence[Any]],
    inside: tuple[Rowed, Sequence[Any]],
    *,
    label: str,
    part: str,
) -> dict[str, Any]:
    """The document ``out_of_scope``.

    Args:
        task: fitted.
        outside: rows out of scope and their logits.
        inside: rows of a part of the data and theirs.
        label: what the rows out of scope are called.
        part: that part's name.
    """
    below, above = _best(task, outside[1]), _best(task, inside[1])
    area = auroc(above, below)
    low, high = auroc_interval(area, len(above), len(below))
    return {
        "label": label,
        "rows": len(below),
        "against": part,
        "against_rows": len(above),
        "auroc": {"value": area, "low": low, "high": high},
        "mean_score": {"in_scope": float(above.mean()), "out_of_scope": float(below.mean())},
        "coverage": {
            "in_scope": float((above >= task.abstain_below).mean()),
            "out_of_scope": float((below >= task.abstain_below).mean()),
        },
    }


def auroc(higher: Scores, lower: Scores) -> float:
    """The chance that a draw of the first is above one of the second, ties by half."""
    ordered = np.sort(lower)
    below = np.searchsorted(ordered, higher, side="left")
    equal = np.searchsorted(ordered, higher, side="right") - below
    return float((below + equal / 2).mean() / len(lower))


def _best(task: ClassificationTask, logits: Sequence[Any]) -> Scores:
    return np.array([task.scores(windows).max() for windows in logits])


def auroc_interval(area: float, higher: int, lower: int) -> tuple[float, float]:
    """The 95 % score interval of an AUROC, which is no point at 0 and at 1.

    Newcombe (2006, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic", part 2, method 5): Hanley & McNeil's variance (1982) at the end that is sought, with
    half of all rows on each side. With one row on each side it is Wilson's interval.

    Args:
        area: the AUROC.
        higher: rows of one side.
        lower: rows of the other.
    """

    def possible(value: float) -> bool:
        return (area - value) ** 2 <= _Z**2 * _variance(value, higher, lower)

    return _edge(possible, area, 0.0), _edge(possible, area, 1.0)


def _variance(area: float, higher: int, lower: int) -> float:
    others = (higher + lower) / 2 - 1
    ties = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * ties / (higher * lower)


def _edge(possible: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where what is possible ends, towards ``outside``."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if possible(middle) else (inside, middle)
    return inside
