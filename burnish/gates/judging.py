"""A gate's verdict on a figure."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Mapping

from burnish.gates.checks import CHECKS
from burnish.gates.record import Gate
from burnish.gates.settings import GateSettings

__all__ = ["blocking", "judge", "limit_of", "unknown"]

_EXACTLY = 1e-12
"""Sums of the same numbers in another order differ by less."""

_PASSES: dict[str, Callable[[float, float], bool]] = {
    "at least": lambda value, threshold: value >= threshold - _EXACTLY,
    "at most": lambda value, threshold: value <= threshold + _EXACTLY,
    "more than": lambda value, threshold: value > threshold + _EXACTLY,
}
_SIGNS = {"at least": ">=", "at most": "<=", "more than": ">"}


def judge(
    name: str, value: float, *, detail: str = "", settings: Mapping[str, GateSettings] | None = None
) -> Gate:
    """A gate's verdict.

    Args:
        name: one of ``CHECKS``.
        value: the measured figure; NaN fails.
        detail: what the figure measures; empty: the gate's meaning.
        settings: the recipe's, by name.
    """
    check, said = CHECKS[name], (settings or {}).get(name, GateSettings())
    threshold = check.threshold if said.threshold is None else said.threshold
    severity = said.severity or check.severity
    passed = threshold is None or _PASSES[check.holds](value, threshold)
    return Gate(
        name=name,
        value=_finite(value),
        threshold=threshold,
        passed=passed,
        detail=detail or check.meaning,
        severity=severity,
        reason=None if passed else said.reason,
    )


def unknown(name: str, why: str) -> Gate:
    """The record of a gate whose figure cannot be known: it does not pass, and it blocks nothing.

    Args:
        name: one of ``CHECKS``.
        why: what is missing.
    """
    check = CHECKS[name]
    return Gate(
        name=name,
        value=None,
        threshold=check.threshold,
        passed=False,
        detail=why,
        severity=check.severity,
    )


def blocking(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    """The gates that block the export."""
    return tuple(gate for gate in gates if gate.blocks)


def limit_of(gate: Gate) -> str:
    """What the figure must be, ``> 0`` for example; empty where it is only recorded."""
    if gate.threshold is None:
        return ""
    check = CHECKS.get(gate.name)  # a bundle of another version may have gates of its own
    return f"{_SIGNS[check.holds]} {gate.threshold:g}" if check else f"{gate.threshold:g}"


def _finite(value: float) -> float:
    """JSON has neither infinity nor "not a number"."""
    if math.isnan(value):
        return sys.float_info.max
    return max(-sys.float_info.max, min(sys.float_info.max, value))
