"""One client's connection: its requests one after the other, their replies, and its deadlines.

uvicorn makes a `Connection` per client, and the connection runs the application. The grammar of
requests is in `message` and `framing`, a request with its reply in `transaction`.

A connection is in one of five states. *Waiting*: nothing of the next request has come, and the
keep-alive time runs. *Headers*: a part of them has come, and the header's time runs; a new
connection begins here, so that one that sends nothing is closed too. *Serving*: the headers are
complete, the application runs, and the body may still be arriving. *Blocked*: the reply has been
written, but the client takes nothing, so that the next request must wait (`Wire.full`). *Ending*:
nothing is served any more; what the client still sends is dropped for a moment, since closing at
once would reset the connection and lose the reply, and then the transport closes. Bytes lead from
waiting over headers to serving. A reply leads on to waiting, to blocked, or to ending, and the
client that takes its reply from blocked to waiting. What is not a request, a deadline that passes
before the headers are complete, and a stopping server lead to ending. A client that
has closed its half (`_eof`) does not change the state: it still gets the answer that it waits for.

Three things are forbidden. A request never begins before the reply to the one before it has been
written: replies would change places, and a body could be taken for a request. A request never has
two replies: `reply` does nothing once it is answered. And a connection never goes on after a body
that was not read to its end: its rest would be read as the next request (request smuggling).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from ..errors import HTTPError
from .extensions import BODY_READY, ON_DISCONNECT, SEND_RAW
from .message import HeadersReader, RequestHeaders
from .presence import PresenceCheck
from .transaction import Fields, Transaction
from .wire import CLOSE, RawResponse, Wire, bare_error

__all__ = ["Connection"]

_HIGH_WATER_BYTES: Final = 64 * 1024
"""Reading pauses when more is kept: of a body that the application has not taken, or of requests
behind the one being served. Chosen: as much as asyncio keeps unsent by default."""
_LINGER_S: Final = 2.0
_LINGER_BYTES: Final = 16 * 1024 * 1024
"""How long, and how much, a client that has its last reply may still send. Chosen: 16 times the
default limit of a body, so that a body somewhat too large is read to its end."""


class Connection(asyncio.Protocol):
    """One client's connection, under uvicorn."""

    header_timeout_s = 5.0
    """From the connection, or from the first byte of a later request, to the end of its headers.
    The default of `Settings.header_timeout_s`."""
    write_timeout_s = 30.0
    """A client that takes nothing of what was sent to it for so long is cut off. Chosen."""
    reject_early: Callable[[Any], RawResponse | None] | None = None
    """Answers a request without a task of its own, from its scope; None: the application serves
    it."""
    refused: Callable[[Any, HTTPError], RawResponse] | None = None
    """Answers bytes that are not a request, from a scope with the client alone and the error."""

    _transport: asyncio.Transport
    _wire: Wire
    _presence: PresenceCheck

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
        self._reader: HeadersReader | None = None
        self._current: Transaction | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._left_over_bytes = 0
        self._in_headers = True
        self._eof = self._ending = self._paused = False
        self.waiting_since_s: float | None = self._loop.time()
        """Since when, on the loop's clock, the client is waited for; None: the client waits."""
        self.lost: Callable[[], None] | None = None
        """Called when the connection has ended."""

    def connection_made(self, transport: Any) -> None:
        """Start the header's timer: a connection that sends nothing is closed too."""
        self._transport = transport
        self._wire = Wire(transport, timeout_s=self.write_timeout_s)
        self._presence = PresenceCheck(transport, self._wire)
        self._server.connections.add(self)
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        self._client = tuple(peer[:2]) if isinstance(peer, tuple) else None
        self._own = tuple(own[:2]) if isinstance(own, tuple) else None
        self._secure = transport.get_extra_info("sslcontext") is not None
        self._wait(self.header_timeout_s)

    def data_received(self, data: bytes) -> None:
        """Begin a request, or go on with its body. What follows the body stays in the buffer."""
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
        """Note that the client sends no more: it has left, or waits for its answers."""
        self._eof = True
        current = self._current
        if self._ending or self._secure or (current is None and not self._buffer):
            return False  # the transport closes
        if current is None:
            self._loop.call_soon(self._advance)
        elif not current.body.done:
            current.end()
        elif not current.answered:
            self._presence.start(current)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers, and report that the client has left."""
        del exc
        self._ending = True
        self._server.connections.discard(self)
        self._wire.unwatch()
        self._presence.stop()
        if self._timer is not None:
            self._timer.cancel()
        current, self._current = self._current, None
        if current is not None:
            on_disconnect = current.on_disconnect
            current.end()
            if on_disconnect is not None:
                on_disconnect()
        if self.lost is not None:
            self.lost()

    def shutdown(self) -> None:
        """Finish the request being served, and close. uvicorn calls this when it stops."""
        if self._current is not None and not self._current.answered:
            self._current.keep_alive = False
        else:
            self.hang_up()

    def pause_writing(self) -> None:
        """Note that the transport's buffer is full; the client has some time to take from it."""
        self._wire.pause()

    def resume_writing(self) -> None:
        """Begin the next request, if it had to wait until the client took its reply."""
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
        self._presence.stop()
        if not keep:
            self._end(body_read=current.body.done)
        elif self._wire.full:  # nothing more is answered until the client takes this
            self.waiting_since_s = self._loop.time()
            self._pause_reading()
        else:
            self._next()

    def refuse(self, refusal: HTTPError) -> None:
        """Answer the current request with an error that the application has not made."""
        self.reply(*bare_error(refusal))

    def read_on(self) -> None:
        """Resume reading, if it was paused."""
        if self._paused and not self._eof and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    def ask_for_body(self) -> None:
        """Tell a client that waits for it to send the body."""
        if not self._ending:
            self._wire.write_continue()

    def hang_up(self) -> None:
        """Close a connection on which no request is being served."""
        self._ending = True
        self._wire.close()

    def cut(self) -> None:
        """End the connection at once."""
        self._transport.abort()

    def _advance(self) -> None:
        """Begin the next request, if its headers have arrived."""
        if self._current is not None or self._ending:
            return
        if self._reader is None:
            if self._buffer.startswith((b"\r", b"\n")):  # RFC 9112, 2.2: empty lines are ignored
                self._buffer = self._buffer.lstrip(b"\r\n")
            if not self._buffer:
                if self._eof:
                    self.hang_up()
                return
            self._reader = HeadersReader()
        try:
            headers = self._reader.read(self._buffer)
        except HTTPError as refusal:
            self._refuse_and_close(refusal)
            return
        if headers is not None:
            self._begin(headers)
        elif self._eof:
            self._refuse_and_close(HTTPError("malformed", "header: the client left before its end"))
        elif not self._in_headers:
            self._in_headers = True
            self._wait(self.header_timeout_s)

    def _begin(self, headers: RequestHeaders) -> None:
        self._reader, self._in_headers = None, False
        if self._timer is not None:
            self._timer.cancel()
        current = self._current = Transaction(self, headers)
        scope = current.scope
        scope |= {"client": self._client, "server": self._own, "state": self._app_state.copy()}
        scope["scheme"] = "https" if self._secure else "http"
        scope["extensions"] = {
            BODY_READY: current.take,
            ON_DISCONNECT: self._set_on_disconnect,
            SEND_RAW: self.reply,
        }
        self._take_body(current)
        if self.reject_early is not None and current.body.done:
            raw = self.reject_early(scope)
            if raw is not None:
                self.reply(*raw)
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
            except HTTPError as error:
                self._buffer.clear()
                current.fail(error)
        if current.body.done and not current.answered:
            self.waiting_since_s = None
        kept = len(self._buffer) if current.body.done else len(current.arrived)
        if kept > _HIGH_WATER_BYTES:
            self._pause_reading()

    def _next(self) -> None:
        """Leave the request that has been answered: the next one may begin."""
        self._current = None
        self._server.total_requests += 1
        self.waiting_since_s = self._loop.time()
        self._wait(self._keep_alive_s)
        self.read_on()
        if self._buffer or self._eof:
            self._loop.call_soon(self._advance)

    def _set_on_disconnect(self, callback: Callable[[], None]) -> None:
        if self._current is None or self._transport.is_closing():
            callback()
        else:
            self._current.on_disconnect = callback
            self.read_on()  # a large body had paused it: a client's leaving would not be seen

    def _write(self, raw: RawResponse) -> None:
        self._wire.write(raw, default=self._server.default_headers)

    def _refuse_and_close(self, refusal: HTTPError) -> None:
        """Answer bytes that are not a request, and close."""
        if self.refused is None:
            self._write(bare_error(refusal))
        else:
            status, headers, body = self.refused({"client": self._client}, refusal)
            self._write((status, headers if CLOSE in headers else (*headers, CLOSE), body))
        self._end(body_read=False)

    def _end(self, *, body_read: bool) -> None:
        """Close. A client that may still be sending first has time to take its reply."""
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
        if self._in_headers and self._buffer and not self._ending:
            seconds = f"{self.header_timeout_s:g} seconds"
            self._refuse_and_close(HTTPError("timeout", f"header: it did not arrive in {seconds}"))
        elif self._current is None:
            self.hang_up()

    def _pause_reading(self) -> None:
        if not self._paused and not self._eof:
            self._paused = True
            self._transport.pause_reading()
