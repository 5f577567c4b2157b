"""What a recipe may say of a gate."""

from __future__ import annotations

from pydantic import Field

from burnish.gates.record import Severity
from burnish.recipe.section import Section

__all__ = ["GateSettings"]


class GateSettings(Section):
    """Of one gate; what is not said is the gate's own (burnish/gates/checks.py)."""

    threshold: float | None = Field(default=None, allow_inf_nan=False)
    severity: Severity | None = None
    reason: str | None = Field(default=None, min_length=10, max_length=500)
    """Why the line goes on although the gate does not hold: kept, and served."""
