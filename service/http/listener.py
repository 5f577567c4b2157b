"""Connections let in: never so many that a file cannot be opened, nor all of them one client's."""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from .protocol import Connection

__all__ = ["Limits", "Listener", "limits_here"]

logger = logging.getLogger("burnish.service")

_MOST: Final = 4096
"""Connections at one time. Chosen; `limits_here` lowers it where descriptors are few."""
_RESERVED: Final = 64
"""Descriptors for key file, audit log, the bundles of a reload, and libraries. Chosen."""
_BACKLOG: Final = 2048
"""Connections that the system keeps until they are accepted: uvicorn's default."""
_AT_ONCE: Final = 64
"""Connections that are accepted before the event loop does anything else. Chosen."""
_PAUSE_S: Final = 0.1
"""Before accepting is tried again, when descriptors or memory have run out. Chosen."""
_MOMENT_S: Final = 0.5
"""How long a new client may take to send its request before it has to make room. Chosen."""
_LOG_EVERY_S: Final = 60.0
"""Between two warnings, so that a flood does not fill the log. Chosen."""
_GONE_AGAIN: Final = frozenset({errno.ECONNABORTED, errno.EINTR, errno.EPROTO, errno.EPERM})
_BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%b"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections are let in."""

    connections: int
    """In all."""
    connections_a_client: int | None
    """From one address; None where all come from one, a proxy's."""


def limits_here(*, behind_proxy: bool) -> Limits:
    """What this process can bear, after it has been allowed as many descriptors as it may have."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST + 4 * _RESERVED
    if now < wanted:
        now = min(wanted, most) if most != resource.RLIM_INFINITY else wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
    descriptors = Path("/proc/self/fd")
    free = now - len(list(descriptors.iterdir())) if descriptors.is_dir() else now
    connections = min(_MOST, max(free - _RESERVED, free // 2, 1))
    return Limits(connections, None if behind_proxy else max(connections // 2, 1))


class Listener:
    """Accepts connections for as long as there is room for them, and makes room.

    Where there is none, one that waits is closed: of the same client where it has its share, else
    of the client with the most. It is the last that came of those that have waited for a moment:
    who has just come has time to ask. The older half of a client's connections is left alone, so
    that whoever came before a flood outlasts it. Where none can be closed, a new one is refused.
    """

    def __init__(
        self,
        listening: socket.socket,
        make: Callable[[], Connection],
        *,
        limits: Limits,
        tls: ssl.SSLContext | None,
        handshake_timeout_s: float,
    ) -> None:
        self._socket = listening
        self._make = make
        self._limits = limits
        self._tls = tls
        self._handshake_timeout_s = handshake_timeout_s
        self._loop = asyncio.get_running_loop()
        self._open: dict[Connection, str] = {}
        """With the address of its client, in the order in which they came."""
        self._handshakes: dict[Connection, asyncio.Task[None]] = {}
        self._by_client: Counter[str] = Counter()
        self._logged_s = float("-inf")
        self._resume: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to accept."""
        self._socket.setblocking(False)
        self._socket.listen(_BACKLOG)
        self._loop.add_reader(self._socket, self._accept)

    def close(self) -> None:
        """Accept no more; open connections stay."""
        if self._resume is not None:
            self._resume.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for handshake in self._handshakes.values():
            handshake.cancel()

    async def wait_closed(self) -> None:
        """Nothing is left to be waited for; uvicorn asks."""

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                accepted, peer = self._socket.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in _GONE_AGAIN:
                    self._pause(error)
                    return
            else:
                self._admit(accepted, str(peer[0]))

    def _pause(self, error: OSError) -> None:
        """No descriptor, or no memory: to try again at once would be to spin."""
        self._warn(f"no connection can be accepted: {error.strerror}")
        self._make_room(None)
        self._loop.remove_reader(self._socket)
        self._resume = self._loop.call_later(
            _PAUSE_S, lambda: self._loop.add_reader(self._socket, self._accept)
        )

    def _admit(self, accepted: socket.socket, client: str) -> None:
        mine, most = self._by_client[client], self._limits.connections_a_client
        crowded = most is not None and mine >= most
        if crowded or len(self._open) >= self._limits.connections:
            self._warn("as many connections are open as may be; those that wait are closed")
            if not self._make_room(client if crowded else None):
                self._refuse_connection(accepted)
                return
        connection = self._make()
        self._open[connection] = client
        self._by_client[client] += 1
        connection.lost = lambda: self._release(connection)
        serving = self._loop.create_task(self._serve(connection, accepted))
        self._handshakes[connection] = serving

    async def _serve(self, connection: Connection, accepted: socket.socket) -> None:
        named: dict[str, Any] = {}
        if self._tls is not None:
            limit_s = self._handshake_timeout_s
            named = {"ssl_handshake_timeout": limit_s, "ssl_shutdown_timeout": limit_s}
            named["ssl"] = self._tls
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._loop.connect_accepted_socket(lambda: connection, accepted, **named)
        except (OSError, asyncio.CancelledError):  # it has left, or made no handshake
            accepted.close()
            self._release(connection)
        finally:
            self._handshakes.pop(connection, None)

    def _release(self, connection: Connection) -> None:
        client = self._open.pop(connection, None)
        if client is not None:
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]

    def _make_room(self, client: str | None) -> bool:
        """Close one that waits: of this client, or of the one with the most."""
        if client is None and self._by_client:
            client = max(self._by_client, key=self._by_client.__getitem__)
        before_s = self._loop.time() - _MOMENT_S
        newest_first = (c for c, its in reversed(self._open.items()) if its == client)
        for connection in islice(newest_first, (self._by_client[client or ""] + 1) // 2):
            since_s = connection.waiting_since_s
            if since_s is not None and since_s <= before_s:
                self._close(connection)
                return True
        return False

    def _close(self, connection: Connection) -> None:
        self._release(connection)
        handshake = self._handshakes.get(connection)
        if handshake is not None:
            handshake.cancel()
        else:
            connection.cut()

    def _refuse_connection(self, accepted: socket.socket) -> None:
        if self._tls is None:
            body = b'{"error": "too many connections, ask again later", "error_type": "not_ready"}'
            accepted.setblocking(False)
            with suppress(OSError):
                accepted.send(_BUSY % (len(body), body))
        accepted.close()

    def _warn(self, message: str) -> None:
        now = self._loop.time()
        if now - self._logged_s >= _LOG_EVERY_S:
            self._logged_s = now
            logger.warning("%s", message)
