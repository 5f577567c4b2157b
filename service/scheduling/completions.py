"""Outcomes on their way from the worker threads to the event loop.

Waking the loop costs a system call and a change of the interpreter's owner; under load many
outcomes share one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial

from burnish.runtime import Results
from burnish.runtime.job import Done

__all__ = ["Completions"]

Outcome = Results | BaseException


class Completions:
    """Outcomes that workers have told and the event loop has not yet taken."""

    def __init__(self) -> None:
        self._told: deque[tuple[asyncio.Future[Results], Outcome]] = deque()
        self._woken = False

    def teller(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Results]) -> Done:
        """What a job is to call in a worker's thread, so that ``future`` has its outcome."""
        return partial(self._tell, loop, future)

    def _tell(
        self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Results], outcome: Outcome
    ) -> None:
        self._told.append((future, outcome))
        # A stopping server closes its loop before its workers.
        if not self._woken and not loop.is_closed():
            self._woken = True
            loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        self._woken = False  # first: what is told from here on wakes the loop again
        while self._told:
            future, outcome = self._told.popleft()
            if future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)
