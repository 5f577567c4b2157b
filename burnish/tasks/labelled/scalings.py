"""Scalings of several labels: a temperature and a shift for each (Platt 1999)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from burnish.tasks.scaling import Scaling, fit_scaling

__all__ = ["UNSCALED", "fit_scalings", "scaled_logits"]

UNSCALED = Scaling()


def fit_scalings(
    logits: npt.NDArray[np.float64], true: npt.NDArray[np.bool_], labels: Sequence[str]
) -> dict[str, Scaling]:
    """The scaling of each label; one with too few true rows gets that of all labels together.

    Args:
        logits: (rows, labels).
        true: (rows, labels) whether each label holds.
        labels: their names.
    """
    common = fit_scaling(logits.ravel(), true.ravel()) or UNSCALED
    return {
        label: fit_scaling(logits[:, index], true[:, index]) or common
        for index, label in enumerate(labels)
    }


def scaled_logits(
    logits: npt.NDArray[np.float64], labels: Sequence[str], scalings: Mapping[str, Scaling]
) -> npt.NDArray[np.float64]:
    """(labels,) logits, scaled; as they are where a label has no scaling."""
    each = [scalings.get(label, UNSCALED) for label in labels]
    temperatures = np.array([scaling.temperature for scaling in each])
    return np.asarray(logits / temperatures + np.array([scaling.shift for scaling in each]))
