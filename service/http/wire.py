"""A connection's outgoing half: it writes replies, and cuts off a client that takes none."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from ..errors import HTTPError, envelope
from .transaction import Fields

__all__ = ["CLOSE", "RawResponse", "Wire", "bare_error"]

RawResponse = tuple[int, Fields, bytes]
"""A complete response: status, headers and body."""

CLOSE: Final = (b"connection", b"close")

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode("ascii"))
    for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Wire:
    """Writes to one client, and cuts it off once it has taken nothing for ``timeout_s`` seconds."""

    def __init__(self, transport: asyncio.Transport, *, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0
        self.full = False
        """Whether the client must take something before more is written."""

    def write(self, raw: RawResponse, *, default: Iterable[tuple[bytes, bytes]]) -> None:
        """Send a reply.

        Args:
            raw: the reply.
            default: the server's headers, for every reply.
        """
        status, headers, body = raw
        parts = [_STATUS_LINES[status]]
        for name, value in (*default, *headers):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", body)
        self._transport.write(b"".join(parts))

    def write_continue(self) -> None:
        """Send ``100 Continue``: it asks for a body, and a client that sends none ignores it."""
        self._transport.write(_CONTINUE)

    def pause(self) -> None:
        """Note that the transport's buffer is full; watch whether the client takes from it."""
        self.full = True
        self.watch()

    def resume(self) -> None:
        """Note that the buffer has room again."""
        self.full = False
        self.unwatch()

    def close(self) -> None:
        """Close once the client has taken everything, or when its time is up."""
        self._transport.close()
        self.watch()

    def watch(self) -> None:
        """Cut the client off unless it takes something within ``timeout_s`` seconds."""
        self.unwatch()
        self._unsent_bytes = self._transport.get_write_buffer_size()
        self._watch = self._loop.call_later(self._timeout_s, self._check)

    def unwatch(self) -> None:
        """Stop watching the client."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _check(self) -> None:
        if self._transport.get_write_buffer_size() < self._unsent_bytes:
            self.watch()
        else:  # closing would wait for this client
            self._transport.abort()


def bare_error(refusal: HTTPError) -> RawResponse:
    """An error without the application's headers; the connection ends with it."""
    body = envelope(refusal.error_type, refusal.message)
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", secrets.token_hex(8).encode("ascii")),
        CLOSE,
    )
    return refusal.status, headers, body
