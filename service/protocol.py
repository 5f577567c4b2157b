"""uvicorn's HTTP/1.1 protocol with a deadline for headers, and its errors in our envelope."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from .refusals import STATUS_OF, ErrorType, envelope

__all__ = ["DeadlineProtocol"]


class _OneWrite:
    """A transport that sends what one turn of the loop writes, a reply's head and body, at once."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not data:
            return
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            data, self._waiting = b"".join(self._waiting), []
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class DeadlineProtocol(H11Protocol):
    """Closes a connection whose header does not arrive in time (Slowloris)."""

    header_timeout_s = 5.0
    """From the connection, or from the first byte of a later request, to the header's end."""

    _deadline: asyncio.TimerHandle | None = None
    _silent = True

    def connection_made(self, transport: Any) -> None:
        """Start the clock: a connection that sends nothing is closed too."""
        super().connection_made(cast(asyncio.Transport, _OneWrite(transport, self.loop)))
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when a header is whole, start it when one has begun."""
        self._silent = False
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._arm()
        else:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._disarm()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets the envelope that every other error has."""
        del msg
        self._refuse("malformed", "request: it is not valid HTTP/1.1, or its header is too large")

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_timeout_s, self._expire)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self._silent:
            self.transport.close()
            return
        self._refuse("timeout", f"header: it did not arrive in {self.header_timeout_s:g} seconds")

    def _refuse(self, error_type: ErrorType, message: str) -> None:
        body = envelope(error_type, message)
        status = STATUS_OF[error_type]
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"x-request-id", secrets.token_hex(8).encode("ascii")),
            (b"connection", b"close"),
        ]
        response = h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status])
        for event in (response, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
