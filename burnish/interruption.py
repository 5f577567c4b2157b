"""SIGTERM and SIGINT end long work at a safe moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from burnish.errors import StoppedError

__all__ = ["Interruption"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interruption:
    """A signal's request to stop.

    It raises :class:`~burnish.errors.StoppedError` at once, but in a block of :meth:`deferred` only
    where the code there calls :meth:`check`. A second SIGINT is a ``KeyboardInterrupt``.

    Args:
        hint: how the work goes on afterwards.
    """

    def __init__(self, hint: str = "run the same command again to resume") -> None:
        self._hint = hint
        self.signal: signal.Signals | None = None
        self._at_once = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle the signals for the block, in the main thread only."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Do not interrupt the block; a request that came meanwhile stops after it."""
        with self._set(at_once=False):
            yield
        if self._at_once:
            self.check()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Allow interruptions inside :meth:`deferred`; an earlier request stops here too."""
        with self._set(at_once=True):
            self.check()
            yield

    def check(self) -> None:
        """Stop here if a signal came.

        Raises:
            StoppedError: a signal came.
        """
        if self.signal is not None:
            raise StoppedError(self.signal, f"stopped by {self.signal.name}", self._hint)

    @contextmanager
    def _set(self, *, at_once: bool) -> Iterator[None]:
        before, self._at_once = self._at_once, at_once
        try:
            yield
        finally:
            self._at_once = before

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)
        if self._at_once:
            self.check()
