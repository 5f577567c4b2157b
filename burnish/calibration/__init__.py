"""Calibration: whether scores are probabilities, and which answers may be relied on.

::

    task = fit_task(task, rows, logits, tolerance=Tolerance(error=0.05))
    documents = measure(task, {"validation": (rows, logits)})
"""

from __future__ import annotations

from burnish.calibration.abstention import Promise, fit_task, promise_for
from burnish.calibration.documents import Rowed, judge_claims, measure
from burnish.calibration.reliability import Reliability, reliability_of
from burnish.calibration.risk import error_bound, safest_cut
from burnish.calibration.scope import measure_scope
from burnish.calibration.summary import summary_lines
from burnish.calibration.tolerance import Tolerance

__all__ = [
    "Promise",
    "Reliability",
    "Rowed",
    "Tolerance",
    "error_bound",
    "fit_task",
    "judge_claims",
    "measure",
    "measure_scope",
    "promise_for",
    "reliability_of",
    "safest_cut",
    "summary_lines",
]
