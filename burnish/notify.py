"""What a long piece of work says while it is done."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Notify", "ignore"]

Notify = Callable[[str], None]
"""Called with one line of text per event."""


def ignore(_: str) -> None:
    """Tell nobody."""
