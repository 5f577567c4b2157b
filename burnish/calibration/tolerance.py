"""Tolerance: which answers a model is to mark as abstained."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = ["Abstention", "Tolerance"]


class Abstention(BaseModel):
    """What may be asked of a finished model; of several wishes the strictest holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reject: float | None = Field(default=None, gt=0, lt=1)
    """Share of the texts out of scope that is to be marked."""
    score: float | None = Field(default=None, ge=0, le=1)
    """Answers with a lower score are marked; 0: none."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        names = [name for name in type(self).model_fields if name != "confidence"]
        if all(getattr(self, name) is None for name in names):
            raise ValueError(f"say one of {', '.join(names)}")
        return self


class Tolerance(Abstention):
    """What a recipe or an export may ask: also for at most ``error`` of the answers wrong."""

    error: float | None = Field(default=None, gt=0, lt=1)
    """Share of wrong answers that is tolerated among those without a mark."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """How surely ``error`` is kept."""
