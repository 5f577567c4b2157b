"""Errors worth reading: which answers are wrong, of which kind, and on which rows most."""

from burnish.analysis.analyse import analyse
from burnish.analysis.findings import ErrorAnalysis, Mistake, Slice
from burnish.analysis.label_limits import LabelLimits, label_limits

__all__ = ["ErrorAnalysis", "LabelLimits", "Mistake", "Slice", "analyse", "label_limits"]
