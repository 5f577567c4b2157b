"""Counts of a label, of which precision, recall and F1 are made."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["LabelCounts"]


class LabelCounts(BaseModel):
    """How often a label was right, predicted and true."""

    model_config = ConfigDict(frozen=True)

    right: float
    predicted: float
    true: float
