"""What a gate measured, as run and bundle keep it and the service shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["Gate", "Severity", "Verdict"]

Severity = Literal["block", "warn", "record"]
"""What a failed gate does: block the export, warn, or nothing."""

Verdict = Literal["passed", "recorded", "warning", "overridden", "failed", "unknown"]


class Gate(BaseModel):
    """The result of a gate: its figure, and whether it passed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str
    value: float | None
    """The figure; None: it cannot be known, so the gate neither passes nor fails."""
    threshold: float | None = None
    """The limit of the value; None: recorded, stops nothing."""
    passed: bool
    detail: str = ""
    severity: Severity = "block"
    reason: str | None = None
    """Why somebody lets the model be exported although the gate failed."""

    @property
    def told(self) -> str:
        """What the figure measures, and why a failed gate is overridden."""
        return self.detail if self.reason is None else f"{self.detail}. Overridden: {self.reason}"

    @property
    def known(self) -> bool:
        """Whether there is a figure to judge."""
        return self.value is not None

    def figure(self, digits: int = 4) -> str:
        """The value for a table; empty where it is not known."""
        return "" if self.value is None else f"{self.value:.{digits}g}"

    @property
    def verdict(self) -> Verdict:
        """What the result means for the export."""
        if not self.known:
            return "unknown"
        if self.threshold is None or self.severity == "record":
            return "recorded"
        if self.passed:
            return "passed"
        if self.reason is not None:
            return "overridden"
        return "failed" if self.severity == "block" else "warning"

    @property
    def blocks(self) -> bool:
        """Whether the gate blocks the export."""
        failed = self.known and not self.passed
        return failed and self.severity == "block" and self.reason is None
