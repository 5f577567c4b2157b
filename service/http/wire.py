"""A connection's outgoing half: whole replies, and an end for a client that takes none of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from ..errors import RefusalError, envelope
from .transaction import Fields

__all__ = ["CLOSE", "Whole", "Wire", "bare_refusal"]

Whole = tuple[int, Fields, bytes]
"""A reply: status, headers and body."""

CLOSE: Final = (b"connection", b"close")

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode("ascii"))
    for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Wire:
    """Writes to one client, and cuts it off once it has taken nothing for a while."""

    def __init__(self, transport: asyncio.Transport, *, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0
        self.full = False
        """Whether the client has to take something before more is written."""

    def write(self, whole: Whole, *, default: Iterable[tuple[bytes, bytes]]) -> None:
        """Send a reply.

        Args:
            whole: the reply.
            default: headers that every reply has.
        """
        status, headers, body = whole
        parts = [_STATUS_LINES[status]]
        for name, value in (*default, *headers):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", body)
        self._transport.write(b"".join(parts))

    def write_continue(self) -> None:
        """Send the interim reply that asks for a body; at any other time it says nothing."""
        self._transport.write(_CONTINUE)

    def pause(self) -> None:
        """The client has much to take."""
        self.full = True
        self.watch()

    def resume(self) -> None:
        """The client has taken it."""
        self.full = False
        self.unwatch()

    def close(self) -> None:
        """Close, when the client has taken everything."""
        self._transport.close()
        self.watch()

    def watch(self) -> None:
        """Give the client some time to take anything more of what was sent to it."""
        self.unwatch()
        self._unsent_bytes = self._transport.get_write_buffer_size()
        self._watch = self._loop.call_later(self._timeout_s, self._check)

    def unwatch(self) -> None:
        """It need not take anything."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _check(self) -> None:
        if self._transport.get_write_buffer_size() < self._unsent_bytes:
            self.watch()
        else:  # to close it would be to wait for that client
            self._transport.abort()


def bare_refusal(refusal: RefusalError) -> Whole:
    """A refusal without the application's marks, with which the connection ends."""
    body = envelope(refusal.error_type, refusal.message)
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", secrets.token_hex(8).encode("ascii")),
        CLOSE,
    )
    return refusal.status, headers, body
