"""A client's connection: its requests one after the other, their replies, and its deadlines.

Between uvicorn's life cycle and the application stands this class alone, with a framing of its own
(`message`, `framing`). A request is looked at when the one before it has been answered: nothing
behind a request can touch its answer, and nothing of a body can be taken for a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from ..errors import RefusalError
from .message import Head, HeadReader
from .transaction import Fields, Transaction
from .wire import CLOSE, Whole, Wire, bare_refusal

__all__ = ["ARRIVED", "LEAVING", "REPLYING", "Connection", "Replying", "Whole"]

ARRIVED: Final = "burnish.arrived"
"""The ASGI extension that returns the body where it is there already, and else None."""

LEAVING: Final = "burnish.leaving"
"""The ASGI extension that takes what is to be called when the client leaves."""

REPLYING: Final = "burnish.replying"
"""The extension that sends a whole reply: one write, where the standard has two messages."""

Replying = Callable[[int, Fields, bytes], None]
"""Takes status, headers and body."""

_HIGH_WATER_BYTES: Final = 64 * 1024
"""What is kept of a body that is not taken yet, and of the requests behind the one in turn."""
_LINGER_S: Final = 2.0
_LINGER_BYTES: Final = 16 * 1024 * 1024
"""For how long, and how much, a client that has its last reply may still send. To close at once
would be to reset the connection, and the reply would be lost with it."""
_PROBE_S: Final = 0.1
_MOST_PROBE_S: Final = 5.0
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

    _transport: asyncio.Transport
    _wire: Wire

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
        self._current: Transaction | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._probe: asyncio.TimerHandle | None = None
        self._left_over_bytes = 0
        self._in_head = True
        self._eof = self._ending = self._paused = False
        self.waiting_since_s: float | None = self._loop.time()
        """On the loop's clock, since when the client is waited for; None while it waits for us."""
        self.lost: Callable[[], None] | None = None
        """Called when the connection has ended."""

    def connection_made(self, transport: Any) -> None:
        """Start the clock: a connection that sends nothing is closed too."""
        self._transport = transport
        self._wire = Wire(transport, timeout_s=self.write_timeout_s)
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
                self._transport.abort()
            return
        self._buffer += data
        if self._current is None:
            self._advance()
        else:
            self._take_body(self._current)

    def eof_received(self) -> bool:
        """The client sends no more: it has left, or waits for its answers."""
        self._eof = True
        current = self._current
        if self._ending or self._secure or (current is None and not self._buffer):
            return False  # the transport closes
        if current is None:
            self._loop.call_soon(self._advance)
        elif not current.body.done:
            current.end()
        elif not current.answered:
            self._ask_whether_there(current, _PROBE_S)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks, and tell that the client has left."""
        del exc
        self._ending = True
        self._server.connections.discard(self)
        self._wire.unwatch()
        for timer in (self._timer, self._probe):
            if timer is not None:
                timer.cancel()
        current, self._current = self._current, None
        if current is not None:
            leave = current.leave
            current.end()
            if leave is not None:
                leave()
        if self.lost is not None:
            self.lost()

    def shutdown(self) -> None:
        """Finish what is being answered, and close; uvicorn calls it when it stops."""
        if self._current is not None and not self._current.answered:
            self._current.keep_alive = False
        else:
            self.hang_up()

    def pause_writing(self) -> None:
        """Give the client some time to take what it was sent."""
        self._wire.pause()

    def resume_writing(self) -> None:
        """Go on, where a reply had to be taken first."""
        self._wire.resume()
        if self._ending:
            self._wire.watch()
        elif self._current is not None and self._current.answered:
            self._next()

    def reply(self, status: int, headers: Fields, body: bytes) -> None:
        """Answer the current request."""
        current = self._current
        if current is None or current.answered or self._ending:
            return
        more = bool(self._buffer) or not self._eof
        keep = current.keep_alive and current.body.done and more and CLOSE not in headers
        if not keep and CLOSE not in headers:
            headers = (*headers, CLOSE)
        self._write((status, headers, b"" if current.scope["method"] == "HEAD" else body))
        current.close()
        if self._probe is not None:
            self._probe.cancel()
        if not keep:
            self._end(body_read=current.body.done)
        elif self._wire.full:  # nothing more is answered until the client takes this
            self.waiting_since_s = self._loop.time()
            self._pause_reading()
        else:
            self._next()

    def refuse(self, refusal: RefusalError) -> None:
        """Refuse the current request in the application's stead."""
        self.reply(*bare_refusal(refusal))

    def read_on(self) -> None:
        """Read more, where that was paused."""
        if self._paused and not self._eof and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def ask_for_body(self) -> None:
        """Tell a client that waits for it to send the body."""
        if not self._ending:
            self._wire.write_continue()

    def hang_up(self) -> None:
        """Close on a client that waits for nothing."""
        self._ending = True
        self._wire.close()

    def cut(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _advance(self) -> None:
        """Begin the next request, where its head has arrived."""
        if self._current is not None or self._ending:
            return
        if self._reader is None:
            if self._buffer.startswith((b"\r", b"\n")):  # RFC 9112, 2.2: empty lines are ignored
                self._buffer = self._buffer.lstrip(b"\r\n")
            if not self._buffer:
                if self._eof:
                    self.hang_up()
                return
            self._reader = HeadReader()
        try:
            head = self._reader.read(self._buffer)
        except RefusalError as refusal:
            self._turn_off(refusal)
            return
        if head is not None:
            self._begin(head)
        elif self._eof:
            self._turn_off(RefusalError("malformed", "header: the client left before its end"))
        elif not self._in_head:
            self._in_head = True
            self._wait(self.header_timeout_s)

    def _begin(self, head: Head) -> None:
        self._reader, self._in_head = None, False
        if self._timer is not None:
            self._timer.cancel()
        current = self._current = Transaction(self, head)
        scope = current.scope
        scope |= {"client": self._client, "server": self._own, "state": self._app_state.copy()}
        scope["scheme"] = "https" if self._secure else "http"
        scope["extensions"] = {
            ARRIVED: current.take,
            LEAVING: self._on_leaving,
            REPLYING: self.reply,
        }
        self._take_body(current)
        if self.turn_away is not None and current.body.done:
            whole = self.turn_away(scope)
            if whole is not None:
                self.reply(*whole)
                return
        task = self._loop.create_task(current.run(self._app))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)
        if self._eof:
            self.eof_received()

    def _take_body(self, current: Transaction) -> None:
        if not current.body.done:
            try:
                current.add(current.body.take(self._buffer))
            except RefusalError as fault:
                self._buffer.clear()
                current.fail(fault)
        if current.body.done and not current.answered:
            self.waiting_since_s = None
        kept = len(self._buffer) if current.body.done else len(current.arrived)
        if kept > _HIGH_WATER_BYTES:
            self._pause_reading()

    def _next(self) -> None:
        """The reply has gone out: the next request may begin."""
        self._current = None
        self._server.total_requests += 1
        self.waiting_since_s = self._loop.time()
        self._wait(self._keep_alive_s)
        self.read_on()
        if self._buffer or self._eof:
            self._loop.call_soon(self._advance)

    def _on_leaving(self, leave: Callable[[], None]) -> None:
        if self._current is None or self._transport.is_closing():
            leave()
        else:
            self._current.leave = leave
            self.read_on()  # it was paused for a large body: then a leave would not be seen

    def _ask_whether_there(self, current: Transaction, after_s: float) -> None:
        """Tell a client that has closed its half of the connection from one that has left.

        To the latter's system an interim reply is one to a connection that it does not have; it
        says so, and then the transport knows (RFC 9110, 15.2: a client ignores any interim reply).
        """
        old = current.scope["http_version"] == "1.0"

        def ask() -> None:
            if current.answered:
                return
            if old:
                self._transport.abort()
                return
            self._wire.write_continue()
            self._ask_whether_there(current, min(2 * after_s, _MOST_PROBE_S))

        self._probe = self._loop.call_later(_OLD_CLIENT_S if old else after_s, ask)

    def _write(self, whole: Whole) -> None:
        self._wire.write(whole, default=self._server.default_headers)

    def _turn_off(self, refusal: RefusalError) -> None:
        """Answer what is no request, and hang up."""
        if self.refused is None:
            self._write(bare_refusal(refusal))
        else:
            status, headers, body = self.refused({"client": self._client}, refusal)
            self._write((status, headers if CLOSE in headers else (*headers, CLOSE), body))
        self._end(body_read=False)

    def _end(self, *, body_read: bool) -> None:
        """Close; where the client may still be sending, after it had time to take its reply."""
        nothing_more = (body_read and not self._buffer) or self._eof
        self._ending = True
        self._current = self._reader = None
        self._buffer.clear()
        if nothing_more or not self._transport.can_write_eof():
            self._wire.close()
            return
        self.waiting_since_s = self._loop.time()
        self._transport.write_eof()
        self._wire.watch()
        self.read_on()
        self._wait(_LINGER_S)

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        if self._in_head and self._buffer and not self._ending:
            seconds = f"{self.header_timeout_s:g} seconds"
            self._turn_off(RefusalError("timeout", f"header: it did not arrive in {seconds}"))
        elif self._current is None:
            self.hang_up()

    def _pause_reading(self) -> None:
        if not self._paused and not self._eof:
            self._paused = True
            self._transport.pause_reading()
