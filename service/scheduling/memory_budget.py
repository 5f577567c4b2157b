"""The memory of requests in flight: estimated before it is taken, and given back afterwards.

What a request will hold is estimated from its characters before it is tokenized, and from its
tokens afterwards (`Model.tokenizing_bytes`, `Model.answering_bytes`). A request for which there is
no room beside the others is refused with 429; one that has none even alone, with 413.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from burnish.runtime.usable_memory import usable_memory_bytes

from ..errors import HTTPError
from ..models.memory import resident_bytes

__all__ = ["Hold", "MemoryBudget", "trim_heap"]

_SHARE = 0.85
"""The share of what the process may still take. Chosen: the rest is left to the system and to small
requests, which are not counted."""
_LEAST_BYTES = 16 * 2**20
"""The least budget. Chosen: a server with hardly any room left still answers a few pages."""
_MIB = 2**20


class MemoryBudget:
    """What the requests in flight may hold together. Any thread may call it."""

    def __init__(
        self, limit_bytes: int | None = None, *, resident: Callable[[], int] = resident_bytes
    ) -> None:
        """Make a budget.

        Args:
            limit_bytes: what the process may hold, ``--max-memory``; the limit of its control
                group or of the machine holds too.
            resident: what it holds now.
        """
        usable = usable_memory_bytes()
        self._limit = usable if limit_bytes is None else min(usable, limit_bytes)
        self._resident = resident
        self._lock = threading.Lock()
        self._room = 0
        self.held_bytes = 0
        """What requests in flight hold, by their estimates."""

    def hold(self, count: int) -> Hold:
        """Take bytes for a request.

        Raises:
            HTTPError: 429 where others hold them, 413 where there are not so many.
        """
        self.change(0, count)
        return Hold(self, count)

    def change(self, before: int, after: int) -> None:
        """Exchange what a request holds.

        Raises:
            HTTPError: as `hold`; then it holds what it did.
        """
        with self._lock:
            if not self.held_bytes:  # nothing of what the process holds is a request's
                room = int(_SHARE * (self._limit - self._resident()))
                self._room = max(room, _LEAST_BYTES)
            others = self.held_bytes - before
            if after > before and others + after > self._room:
                raise _refusal(after, self._room)
            self.held_bytes = others + after


class Hold:
    """What one request holds: until its answer is written, and what works for it has ended."""

    def __init__(self, budget: MemoryBudget, count: int) -> None:
        self._budget = budget
        self._count = count
        self._claims = 1
        self._lock = threading.Lock()

    def resize(self, count: int) -> None:
        """Hold more or less from now on.

        Raises:
            HTTPError: as `MemoryBudget.hold`.
        """
        with self._lock:
            self._budget.change(self._count, count)
            self._count = count

    def claim(self) -> None:
        """Say that somebody else needs it too, and will let go of it."""
        with self._lock:
            self._claims += 1

    def let_go(self) -> None:
        """End a claim; with the last one the bytes are free."""
        with self._lock:
            self._claims -= 1
            if not self._claims:
                self._budget.change(self._count, 0)


def _refusal(wanted: int, room: int) -> HTTPError:
    if wanted > room:
        return HTTPError(
            "too_large",
            f"inputs: answering them takes about {wanted / _MIB:.0f} MiB of memory, and this "
            f"server has {room / _MIB:.0f} for requests; send the text in parts",
        )
    return HTTPError(
        "overloaded",
        "other requests hold the memory that this one needs; try again after Retry-After",
        headers={"Retry-After": "1"},
    )


def trim_heap() -> None:
    """Give freed memory back to the system, which the C library keeps otherwise (glibc alone)."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
