"""SIGTERM and SIGINT end a training at a moment that suits it."""

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
    """A wish to end, which a signal brings.

    It ends what is going on at once, by :class:`~burnish.errors.StoppedError`; in a block of
    :meth:`deferred` whoever works there asks for it with :meth:`check`. A second SIGINT is a
    ``KeyboardInterrupt``.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._at_once = True

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals for the block; only the main thread can."""
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
        """What must not be torn; a wish from meanwhile ends what comes after it."""
        with self._set(at_once=False):
            yield
        if self._at_once:
            self.check()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What may be torn, within what may not; a wish from before ends it too."""
        with self._set(at_once=True):
            self.check()
            yield

    def check(self) -> None:
        """End here, if that was asked for.

        Raises:
            StoppedError: it was.
        """
        if self.signal is not None:
            raise StoppedError(
                self.signal,
                f"stopped by {self.signal.name}",
                "run the same command again to resume",
            )

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
