"""Durations, as a person says them."""

from __future__ import annotations

__all__ = ["told_duration"]

_MINUTE = 60
_HOUR = 3600


def told_duration(seconds: float) -> str:
    """A duration in the unit that a person would choose: "40 s", "12 min", "3.5 h"."""
    if seconds < 2 * _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    return f"{seconds / _HOUR:.1f} h"
