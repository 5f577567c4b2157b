"""Whether a client that has closed its half of the connection still waits for its answer."""

from __future__ import annotations

import asyncio
from typing import Final

from .transaction import Transaction
from .wire import Wire

__all__ = ["PresenceCheck"]

_FIRST_S: Final = 0.1
_LONGEST_S: Final = 5.0
"""Before the first check, and between later ones at most: each pause is twice the one before.
Chosen: most answers are ready before the first, and a check sends 25 bytes."""
_OLD_CLIENT_S: Final = 1.0
"""HTTP/1.0 has no interim responses to check with. Chosen: such a client is taken to have left
after this time."""


class PresenceCheck:
    """Tells a client that has sent all it will send from one that has left.

    An interim response to a client that has left reaches a system without this connection, which
    resets it, and then the transport knows. Any other client ignores it (RFC 9110, 15.2).
    """

    def __init__(self, transport: asyncio.Transport, wire: Wire) -> None:
        self._transport = transport
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def start(self, current: Transaction) -> None:
        """Check again and again until the request has been answered."""
        old = current.scope["http_version"] == "1.0"
        self._later(current, _OLD_CLIENT_S if old else _FIRST_S, old=old)

    def stop(self) -> None:
        """Check no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _later(self, current: Transaction, pause_s: float, *, old: bool) -> None:
        self.stop()
        self._timer = self._loop.call_later(pause_s, self._check, current, pause_s, old)

    def _check(self, current: Transaction, pause_s: float, old: bool) -> None:
        if current.answered:
            return
        if old:
            self._transport.abort()
            return
        self._wire.write_continue()
        self._later(current, min(2 * pause_s, _LONGEST_S), old=False)
