"""Calibration in a run's or a bundle's documents, and in lines for people."""

from __future__ import annotations

from burnish.evidence.calibration.documents import judge_claims, measure
from burnish.evidence.calibration.summary import abstention_lines, scope_lines, summary_lines

__all__ = ["abstention_lines", "judge_claims", "measure", "scope_lines", "summary_lines"]
