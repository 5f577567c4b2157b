"""What a gate measured, as run and bundle keep it and the service shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["Gate", "Severity"]

Severity = Literal["block", "warn", "record"]
"""What a gate that does not hold does: stop the line, be pointed out, or nothing."""


class Gate(BaseModel):
    """A check that was made, with its figure, whether it held or not."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str
    value: float
    threshold: float | None = None
    """What the value is held against; None: recorded, stops nothing."""
    passed: bool
    detail: str = ""
    severity: Severity = "block"
    reason: str | None = None
    """Why somebody lets the line go on although the gate does not hold."""

    @property
    def blocks(self) -> bool:
        """Whether the line stops here."""
        return not self.passed and self.severity == "block" and self.reason is None
