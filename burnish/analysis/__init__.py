"""Errors worth reading: which answers are wrong, of which kind, and on which rows most."""

from burnish.analysis.analyse import analyse
from burnish.analysis.findings import ErrorAnalysis, Mistake, Slice

__all__ = ["ErrorAnalysis", "Mistake", "Slice", "analyse"]
