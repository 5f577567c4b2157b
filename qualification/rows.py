"""A row of the qualification: what is promised, how it is measured, and how it could fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from burnish.bench import Machine
from qualification.bench import Bench

__all__ = ["Finding", "Measurement", "Row", "not_measured"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one measurement of a row found."""

    figure: str
    """For the table."""
    passed: bool
    """Whether the bar holds."""
    details: dict[str, Any] = field(default_factory=dict)
    """Figures behind it, for the JSON."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A promise of the table."""

    name: str
    test: str
    """What is done to the server, in the table's words."""
    anchor: str
    """The best that others publish."""
    bar: str
    """What is promised here."""
    measure: Callable[[Bench], Measurement]
    guards: tuple[str, ...]
    """Of `qualification.weakened`: what the negative control takes away."""
    timed: bool = True
    """Whether its figures are times, which nothing else may disturb."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A measured row, with its negative control."""

    row: Row
    measured: Measurement
    control: Measurement | None
    """None: not asked for."""
    date: str
    """When it was measured: ISO 8601, UTC."""
    machine: Machine
    """Where."""

    @property
    def verdict(self) -> str:
        """``holds``, ``falls short`` or ``not proven``: the control passed too."""
        if not self.measured.passed:
            return "falls short"
        if self.control is not None and self.control.passed:
            return "not proven"
        return "holds"


def not_measured(why: str) -> Measurement:
    """A row that cannot be measured here does not hold."""
    return Measurement(f"not measured: {why}", passed=False)
