"""A client's connection: its requests one after the other, their replies, and its deadlines.

Between uvicorn's life cycle and the application stands this class alone, with a framing of its own
(`message`, `framing`). A request is looked at when the one before it has been answered: nothing
behind a request can touch its answer, and nothing of a body can be taken for a request.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from .message import Head, HeadReader
from .refusals import RefusalError, envelope
from .turn import Fields, Turn

__all__ = ["ARRIVED", "LEAVING", "REPLYING", "Connection", "Replying", "Whole"]

ARRIVED: Final = "burnish.arrived"
"""The ASGI extension that returns the body where it is there already, and else None."""

LEAVING: Final = "burnish.leaving"
"""The ASGI extension that takes what is to be called when the client leaves."""

REPLYING: Final = "burnish.replying"
"""The extension that sends a whole reply: one write, where the standard has two messages."""

Replying = Callable[[int, Fields, bytes], None]
"""Takes status, headers and body."""
Whole = tuple[int, Fields, bytes]
"""A reply: status, headers and body."""

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode("ascii"))
    for status in HTTPStatus
}
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE: Final = (b"connection", b"close")
_HIGH_WATER_BYTES: Final = 64 * 1024
"""What is kept of a body that is not taken yet, and of the requests behind the one in turn."""
_LINGER_S: Final = 2.0
_LINGER_BYTES: Final = 16 * 1024 * 1024
"""For how long, and how much, a client that has its last reply may still send. To close at once
would be to reset the connection, and the reply would be lost with it."""
_PROBE_S: Final = (0.1, 5.0)
"""Between the first two probes of a client that sends no more, and between later ones at most."""
_OLD_CLIENT_S: Final = 1.0
"""HTTP/1.0 has no interim replies to probe with: so long such a client is taken to be there."""


class Connection(asyncio.Protocol):
    """One client's connection, under uvicorn."""

    header_timeout_s = 5.0
    """From the connection, or from the first byte of a later request, to the header's end."""
    write_timeout_s = 30.0
    """For a client to take anything more of what was sent to it; then its connection is cut."""
    turn_away: Callable[[Any], Whole | None] | None = None
    """Takes a request's scope; a reply is the whole answer. A refusal needs no task of its own."""
    refused: Callable[[Any, RefusalError], Whole] | None = None
    """Takes a scope with the client alone, and the refusal of what is no request; its reply."""

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_running_loop()
        self._app = config.loaded_app
        self._keep_alive_s = config.timeout_keep_alive
        self._server = server_state
        self._app_state = app_state
        self._buffer = bytearray()
        self._reader: HeadReader | None = None
        self._turn: Turn | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._probe: asyncio.TimerHandle | None = None
        self._unsent_bytes = self._left_over_bytes = 0
        self._in_head = True
        self._eof = self._ending = self._reading_paused = self._writing_paused = False
        self.waiting_since_s: float | None = self._loop.time()
        """On the loop's clock, since when the client is waited for; None while it waits for us."""
        self.lost: Callable[[], None] | None = None
        """Called when the connection has ended."""

    def connection_made(self, transport: Any) -> None:
        """Start the clock: a connection that sends nothing is closed too."""
        self.transport = transport
        self._server.connections.add(self)
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self._client = tuple(peer[:2]) if isinstance(peer, tuple) else None
        self._own = tuple(own[:2]) if isinstance(own, tuple) else None
        self._secure = transport.get_extra_info("sslcontext") is not None
        self._wait(self.header_timeout_s)

    def data_received(self, data: bytes) -> None:
        """Begin a request, or go on with its body; what is behind it waits."""
        if self._ending:
            self._left_over_bytes += len(data)
            if self._left_over_bytes > _LINGER_BYTES:
                self.transport.abort()
            return
        self._buffer += data
        if self._turn is None:
            self._advance()
        else:
            self._take_body(self._turn)

    def eof_received(self) -> bool:
        """The client sends no more: it has left, or waits for its answers."""
        self._eof = True
        turn = self._turn
        if self._ending or self._secure or (turn is None and not self._buffer):
            return False  # the transport closes
        if turn is None:
            self._refuse(RefusalError("malformed", "header: the client left before its end"))
        elif not turn.body.done:
            turn.end()
        elif not turn.answered:
            self._ask_whether_there(turn, _PROBE_S[0])
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks, and tell that the client has left."""
        del exc
        self._ending = True
        self._server.connections.discard(self)
        for timer in (self._timer, self._stall, self._probe):
            if timer is not None:
                timer.cancel()
        turn, self._turn = self._turn, None
        if turn is not None:
            leave = turn.leave
            turn.end()
            if leave is not None:
                leave()
        if self.lost is not None:
            self.lost()

    def shutdown(self) -> None:
        """Finish what is being answered, and close; uvicorn calls it when it stops."""
        if self._turn is not None and not self._turn.answered:
            self._turn.keep_alive = False
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        """Give the client some time to take what it was sent."""
        self._writing_paused = True
        self._watch_writing()

    def resume_writing(self) -> None:
        """Go on, where a reply had to be taken first."""
        self._writing_paused = False
        if self._stall is not None and not self._ending:
            self._stall.cancel()
        if self._turn is not None and self._turn.answered:
            self._next()

    def reply(self, status: int, headers: Fields, body: bytes) -> None:
        """Answer the request in turn."""
        turn = self._turn
        if turn is None or turn.answered or self._ending:
            return
        more = bool(self._buffer) or not self._eof
        keep = turn.keep_alive and turn.body.done and more and _CLOSE not in headers
        if not keep and _CLOSE not in headers:
            headers = (*headers, _CLOSE)
        self._write(status, headers, b"" if turn.scope["method"] == "HEAD" else body)
        turn.close()
        if self._probe is not None:
            self._probe.cancel()
        if not keep:
            self._end(whole=turn.body.done)
        elif self._writing_paused:  # nothing more is answered until the client takes this
            self.waiting_since_s = self._loop.time()
            self._pause_reading()
        else:
            self._next()

    def refuse(self, refusal: RefusalError) -> None:
        """Refuse the request in turn in the application's stead."""
        if self._turn is not None:
            self._turn.keep_alive = False
            self.reply(*_bare(refusal))

    def read_on(self) -> None:
        """Read more of the body."""
        if self._reading_paused and not self._eof and not self.transport.is_closing():
            self._reading_paused = False
            self.transport.resume_reading()

    def ask_for_body(self) -> None:
        """Tell a client that waits for it to send the body."""
        if not self._ending:
            self.transport.write(_CONTINUE)

    def _advance(self) -> None:
        """Begin the next request, where its head has arrived."""
        if self._turn is not None or self._ending:
            return
        if self._reader is None:
            if self._buffer[:1] in (b"\r", b"\n"):  # RFC 9112, 2.2: empty lines are ignored
                self._buffer = self._buffer.lstrip(b"\r\n")
            if not self._buffer:
                if self._eof:
                    self._end(whole=True)
                return
            self._reader = HeadReader()
        try:
            head = self._reader.read(self._buffer)
        except RefusalError as refusal:
            self._refuse(refusal)
            return
        if head is not None:
            self._begin(head)
        elif self._eof:
            self._refuse(RefusalError("malformed", "header: the client left before its end"))
        elif not self._in_head:
            self._in_head = True
            self._wait(self.header_timeout_s)

    def _begin(self, head: Head) -> None:
        self._reader, self._in_head = None, False
        if self._timer is not None:
            self._timer.cancel()
        scope = self._scope(head)
        turn = self._turn = Turn(self, head, scope)
        scope["extensions"] = {
            ARRIVED: turn.take,
            LEAVING: self._on_leaving,
            REPLYING: self.reply,
        }
        self._take_body(turn)
        if self.turn_away is not None and turn.body.done:
            whole = self.turn_away(scope)
            if whole is not None:
                self.reply(*whole)
                return
        task = self._loop.create_task(turn.run(self._app))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)
        if self._eof:
            self.eof_received()

    def _scope(self, head: Head) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": head.version,
            "method": head.method,
            "scheme": "https" if self._secure else "http",
            "path": head.path,
            "raw_path": head.raw_path,
            "query_string": head.query,
            "root_path": "",
            "headers": head.fields,
            "client": self._client,
            "server": self._own,
            "state": self._app_state.copy(),
        }

    def _take_body(self, turn: Turn) -> None:
        if not turn.body.done:
            try:
                turn.add(turn.body.take(self._buffer))
            except RefusalError as fault:
                turn.keep_alive = False
                turn.fail(fault)
                self._buffer.clear()
        if turn.body.done and not turn.answered:
            self.waiting_since_s = None
        kept = len(turn.arrived) if not turn.body.done else len(self._buffer)
        if kept > _HIGH_WATER_BYTES:
            self._pause_reading()

    def _next(self) -> None:
        """The reply has gone out: the next request may begin."""
        self._turn = None
        self._server.total_requests += 1
        self.waiting_since_s = self._loop.time()
        self._wait(self._keep_alive_s)
        self.read_on()
        if self._buffer or self._eof:
            self._loop.call_soon(self._advance)

    def _on_leaving(self, leave: Callable[[], None]) -> None:
        if self._turn is None or self.transport.is_closing():
            leave()
        else:
            self._turn.leave = leave
            self.read_on()  # it was paused for a large body: then a leave would not be seen

    def _ask_whether_there(self, turn: Turn, after_s: float) -> None:
        """Tell a client that has closed its half of the connection from one that has left.

        To the latter's system an interim reply is one to a connection that it does not have; it
        says so, and then the transport knows (RFC 9110, 15.2: a client ignores any interim reply).
        """

        def ask() -> None:
            if turn.answered:
                return
            if turn.scope["http_version"] == "1.0":
                self.transport.abort()
                return
            self.transport.write(_CONTINUE)
            self._ask_whether_there(turn, min(2 * after_s, _PROBE_S[1]))

        old = turn.scope["http_version"] == "1.0"
        self._probe = self._loop.call_later(_OLD_CLIENT_S if old else after_s, ask)

    def _write(self, status: int, headers: Fields, body: bytes) -> None:
        parts = [_STATUS_LINES[status]]
        for name, value in (*self._server.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n", body)
        self.transport.write(b"".join(parts))

    def _refuse(self, refusal: RefusalError) -> None:
        """Answer what is no request, and hang up."""
        whole = None
        if self.refused is not None:
            whole = self.refused({"client": self._client}, refusal)
        self._write(*(whole or _bare(refusal)))
        self._end(whole=False)

    def _end(self, *, whole: bool) -> None:
        """Close; where the client may still be sending, after it had time to take its reply."""
        self._ending = True
        self._turn = self._reader = None
        self.waiting_since_s = self._loop.time()
        self._watch_writing()
        if (whole and not self._buffer) or self._eof or not self.transport.can_write_eof():
            self.transport.close()
            return
        self._buffer.clear()
        self.transport.write_eof()
        self.read_on()
        self._wait(_LINGER_S)

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        if self._in_head and self._buffer and not self._ending:
            seconds = f"{self.header_timeout_s:g} seconds"
            self._refuse(RefusalError("timeout", f"header: it did not arrive in {seconds}"))
        elif self._turn is None:
            self.hang_up()

    def hang_up(self) -> None:
        """Close on a client that waits for nothing."""
        if not self.transport.is_closing():
            self._ending = True
            self.transport.close()
            self._watch_writing()

    def cut(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._eof:
            self._reading_paused = True
            self.transport.pause_reading()

    def _watch_writing(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
        self._unsent_bytes = self.transport.get_write_buffer_size()
        self._stall = self._loop.call_later(self.write_timeout_s, self._check_writing)

    def _check_writing(self) -> None:
        if self.transport.get_write_buffer_size() < self._unsent_bytes:
            self._watch_writing()
        else:  # to close it would be to wait for that client
            self.transport.abort()


def _bare(refusal: RefusalError) -> Whole:
    """A refusal without the application's marks."""
    body = envelope(refusal.error_type, refusal.message)
    headers = (
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", secrets.token_hex(8).encode("ascii")),
        _CLOSE,
    )
    return refusal.status, headers, body
