"""Models that somebody trained elsewhere: vetted, judged, calibrated, and left as a run.

A kind of checkpoint is a file here and a line in ``kinds.py``.
"""

from .pipeline import adopt

__all__ = ["adopt"]
