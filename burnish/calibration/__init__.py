"""Calibration: whether scores are probabilities, and which answers may be relied on.

::

    task = fit_task(task, rows, logits, tolerance=Tolerance(error=0.05))
"""

from __future__ import annotations

from burnish.calibration.abstention import Promise, fit_task, promise_for
from burnish.calibration.foreseen import foresee_thresholds
from burnish.calibration.reliability import Reliability, reliability_of
from burnish.calibration.risk import error_bound, safest_cut
from burnish.calibration.rowed import Rowed
from burnish.calibration.scope import Outside, measure_scope, reject_score, scope_figures
from burnish.calibration.shortfall import foresee
from burnish.calibration.tolerance import Tolerance

__all__ = [
    "Outside",
    "Promise",
    "Reliability",
    "Rowed",
    "Tolerance",
    "error_bound",
    "fit_task",
    "foresee",
    "foresee_thresholds",
    "measure_scope",
    "promise_for",
    "reject_score",
    "reliability_of",
    "safest_cut",
    "scope_figures",
]
