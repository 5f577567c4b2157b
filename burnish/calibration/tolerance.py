"""Tolerance: how often a model may be wrong in what it answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Tolerance"]


class Tolerance(BaseModel):
    """What the user tolerates: at most ``error`` of the answers wrong, with ``confidence``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: float = Field(gt=0, lt=1)
    confidence: float = Field(default=0.95, gt=0, lt=1)
