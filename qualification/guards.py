"""The register of what can be taken away from burnish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["GUARDS", "guard", "replaced"]

GUARDS: dict[str, Callable[[], None]] = {}


def guard(change: Callable[[], None]) -> Callable[[], None]:
    """Register a change under its name."""
    GUARDS[change.__name__.replace("_", "-")] = change
    return change


def replaced(owner: Any, name: str, value: Any) -> Any:
    """Put a value in a name's place, and return what stood there."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    return before
