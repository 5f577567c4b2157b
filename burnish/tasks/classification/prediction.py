"""Labels with their scores: the answer of every labelled task."""

from __future__ import annotations

from burnish.tasks.labelled.prediction import Classification, LabelScore

__all__ = ["Classification", "LabelScore"]
