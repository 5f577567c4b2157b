"""Tolerance: which answers a model is to mark as abstained."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Tolerance"]


class Tolerance(BaseModel):
    """What a recipe or an export asks for; with several settings, the strictest applies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: float | None = Field(default=None, gt=0, lt=1)
    """The tolerated share of wrong answers among those without a mark."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """The chance that ``error`` is kept."""
    reject: float | None = Field(default=None, gt=0, lt=1)
    """The share of the texts out of scope to mark."""
    score: float | None = Field(default=None, ge=0, le=1)
    """Answers with a lower score are marked; 0: none."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.error is None and self.reject is None and self.score is None:
            raise ValueError("give error, reject or score")
        return self
