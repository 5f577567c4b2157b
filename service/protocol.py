"""uvicorn's HTTP/1.1 protocol: bounds on headers, our errors, and word of a client that leaves."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from .refusals import STATUS_OF, ErrorType, envelope

__all__ = ["ARRIVED", "LEAVING", "REPLYING", "DeadlineProtocol", "Replying", "Whole"]

ARRIVED: Final = "burnish.arrived"
"""The ASGI extension that returns the body where it is there already, and else None."""

LEAVING: Final = "burnish.leaving"
"""The ASGI extension that takes what is to be called when the client leaves."""

REPLYING: Final = "burnish.replying"
"""The extension that sends a whole reply: one write, where the standard has two messages."""

Headers = Sequence[tuple[bytes, bytes]]
Replying = Callable[[int, Headers, bytes], None]
"""Takes status, headers and body."""
Whole = tuple[int, Headers, bytes]
"""A reply: status, headers and body."""

_MAX_HEADER_BYTES = 64 * 1024
_MAX_PIPELINED = 256
"""Requests that wait for the answer before them. Thousands come in one packet, a few kB each."""


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection whose header does not arrive in time (Slowloris), or has no end."""

    header_timeout_s = 5.0
    """From the connection, or from the first byte of a later request, to the header's end."""
    write_timeout_s = 30.0
    """For a client to take anything more of what was sent to it; then its connection is cut."""
    turn_away: Callable[[Any], Whole | None] | None = None
    """Takes a request's scope; a reply is the whole answer. A refusal needs no task of its own."""

    _receiving = False
    _begun: tuple[RequestResponseCycle, Any] | None = None
    _deadline: asyncio.TimerHandle | None = None
    _silent = True
    _in_header = False
    _in_body = False
    _header_bytes = 0
    _unsent_bytes = 0
    _stall: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None
    _leave: Callable[[], None] | None = None

    def connection_made(self, transport: Any) -> None:
        """Start the clock: a connection that sends nothing is closed too."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Start the clock when a header has begun and is not whole."""
        if not (self._in_header or self._in_body or data.strip(b"\r\n")):
            return  # RFC 9112, 2.2: empty lines before a request are ignored
        self._silent = False
        if not self._in_body:
            self._header_bytes += len(data)
        self._receiving = True
        super().data_received(data)
        self._receiving = False
        if self._begun is not None and not self.transport.is_closing():
            self._begin(*self._begun)
        if not self._in_header or self.transport.is_closing():
            return
        if self._header_bytes > _MAX_HEADER_BYTES:
            self._refuse("malformed", f"header: it is larger than {_MAX_HEADER_BYTES} bytes")
        else:
            self._arm()

    def on_message_begin(self) -> None:
        """A header has begun; offer the extensions to the application."""
        self._in_header = True
        if len(self.pipeline) >= _MAX_PIPELINED:
            raise ValueError("too many pipelined requests")  # ends the parser: send_400_response
        super().on_message_begin()
        extensions: dict[str, Any] = {
            ARRIVED: self._take_body,
            LEAVING: self._on_leaving,
            REPLYING: self._on_reply,
        }
        self.scope["extensions"] = extensions

    def on_headers_complete(self) -> None:
        """Stop the clock, and begin the request."""
        self._disarm()
        self._in_header, self._in_body, self._header_bytes = False, True, 0
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # Pipelined requests are answered one after the other, each in its turn.
        self._answering = cycle
        if self._receiving:  # most bodies come with their header: first see what there is
            self._begun = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._begun = None
        whole = None
        if self.turn_away is not None and not cycle.more_body:
            whole = self.turn_away(cycle.scope)
        if whole is None:
            super()._start_asgi_task(cycle, app)
        else:
            self._on_reply(*whole)

    def on_message_complete(self) -> None:
        """What comes next is another header."""
        super().on_message_complete()
        self._in_body = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks, and tell that the client has left."""
        self._disarm()
        self._unwatch()
        super().connection_lost(exc)
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def on_response_complete(self) -> None:
        """Keep nothing of an answered request: its text would stay until the next one."""
        if self._answering is not None:
            self._answering.body = bytearray()
        self._answering = self._leave = None
        super().on_response_complete()
        if self.transport.is_closing():
            self._watch_writing()

    def pause_writing(self) -> None:
        """Give the client some time to take what it was sent."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """Go on, where a reply had to be taken first."""
        super().resume_writing()
        if self.transport.is_closing():
            self._watch_writing()
        else:
            self._unwatch()
        if self._answering is not None and self._answering.response_complete:
            self.on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Hang up on an idle client, even on one that never takes its last reply."""
        self._hang_up()

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets the envelope that every other error has."""
        del msg
        self._refuse("malformed", "request: it is not valid HTTP/1.1, or its header is too large")

    def _take_body(self) -> bytes | None:
        cycle = self._answering
        if cycle is None or cycle.more_body:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def _on_leaving(self, leave: Callable[[], None]) -> None:
        # Reading may have been paused for a large body: then a leave would not be seen.
        self.flow.resume_reading()
        self._leave = leave
        if self.transport.is_closing():
            leave()

    def _on_reply(self, status: int, headers: Headers, body: bytes) -> None:
        cycle = self._answering
        if cycle is None or cycle.disconnected or self.transport.is_closing():
            return
        if cycle.more_body:  # what is still to come of it has no deadline any more
            cycle.keep_alive = False
        if (b"connection", b"close") in headers:
            cycle.keep_alive = False
        elif not cycle.keep_alive:
            headers = (*headers, (b"connection", b"close"))
        parts = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n")
        if cycle.scope["method"] != "HEAD":
            parts.append(body)
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        self.transport.write(b"".join(parts))
        if not cycle.keep_alive:
            self.transport.close()
        elif self.flow.write_paused:  # nothing more is answered until the client takes this
            self._leave = None
            self.flow.pause_reading()
            return
        cycle.on_response()

    def _watch_writing(self) -> None:
        self._unwatch()
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.write_timeout_s, self._check_writing)

    def _unwatch(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _check_writing(self) -> None:
        if self.transport.get_write_buffer_size() < self._unsent_bytes:
            self._watch_writing()
        else:  # to close it would be to wait for that client
            self.transport.abort()

    def _hang_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
            self._watch_writing()

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_timeout_s, self._expire)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self._answering is not None:  # a pipelined header may wait for the answer before it
            self._arm()
        elif self._silent:
            self._hang_up()
        else:
            seconds = f"{self.header_timeout_s:g} seconds"
            self._refuse("timeout", f"header: it did not arrive in {seconds}")

    def _refuse(self, error_type: ErrorType, message: str) -> None:
        """Answer in the application's stead, unless a reply is on its way, and hang up."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            body = envelope(error_type, message)
            status = HTTPStatus(STATUS_OF[error_type])
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\n"
                "content-type: application/json\r\n"
                f"content-length: {len(body)}\r\n"
                f"x-request-id: {secrets.token_hex(8)}\r\n"
                "connection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self._hang_up()
