"""Clocks that tests set, and headers that show a key."""

from __future__ import annotations


class Clock:
    """A clock that stands until it is set on."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def bearer(key: str) -> bytes:
    return f"Bearer {key}".encode()
