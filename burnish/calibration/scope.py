"""Out of scope: whether a classifier is less sure of texts that belong under none of its labels.

Such texts are no class of their own; the highest score tells them from others (Hendrycks & Gimpel
2017), as far as it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.calibration.documents import Rowed
from burnish.tasks import ClassificationTask

__all__ = ["auroc", "measure_scope"]

Scores = npt.NDArray[np.float64]

_RESAMPLES = 1000


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
    low, high = _interval(above, below)
    return {
        "label": label,
        "rows": len(below),
        "against": part,
        "against_rows": len(above),
        "auroc": {"value": auroc(above, below), "low": low, "high": high},
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


def _interval(higher: Scores, lower: Scores) -> tuple[float, float]:
    """95 %, percentile bootstrap over the rows of both sides."""
    rng = np.random.default_rng(13)
    drawn = [
        auroc(rng.choice(higher, len(higher)), rng.choice(lower, len(lower)))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
