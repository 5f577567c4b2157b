"""What a recipe may say of a gate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from burnish.gates.record import Severity
from burnish.recipe.section import Section

__all__ = ["GateSettings"]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class GateSettings(Section):
    """Of one gate; what is not said is the gate's own (burnish/gates/checks.py)."""

    threshold: float | None = Field(default=None, allow_inf_nan=False)
    severity: Severity | None = None
    reason: Reason | None = None
    """Why the line goes on although the gate does not hold: kept, and served."""
