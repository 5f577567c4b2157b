"""Errors worth reading: which answers are wrong, of which kind, and on which rows most often."""

from burnish.evidence.error_analysis.analyse import analyse
from burnish.evidence.error_analysis.findings import ErrorAnalysis, Mistake, Slice
from burnish.evidence.error_analysis.label_limits import LabelLimits, label_limits

__all__ = ["ErrorAnalysis", "LabelLimits", "Mistake", "Slice", "analyse", "label_limits"]
