"""A recipe's settings for a gate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from burnish.gates.record import Severity
from burnish.recipe.section import Section

__all__ = ["GateSettings"]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class GateSettings(Section):
    """Settings of one gate; a value that is None stays as in burnish/gates/checks.py."""

    threshold: float | None = Field(default=None, allow_inf_nan=False)
    severity: Severity | None = None
    reason: Reason | None = None
    """Why the model may be exported although the gate failed: kept, and served."""
