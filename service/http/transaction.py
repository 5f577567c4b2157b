"""One request and its reply, as an ASGI application receives and sends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, Protocol

from ..errors import HTTPError
from .message import RequestHeaders

__all__ = ["Application", "Carrier", "Fields", "Transaction"]

Application = Callable[..., Awaitable[None]]
Fields = Sequence[tuple[bytes, bytes]]
Message = MutableMapping[str, Any]

logger = logging.getLogger("burnish.service")

_GONE: Final = "http.disconnect"


class Carrier(Protocol):
    """What a transaction needs of its connection."""

    def reply(self, status: int, headers: Fields, body: bytes) -> None:
        """Send the reply."""

    def refuse(self, refusal: HTTPError) -> None:
        """Send an error that the application has not made, and close."""

    def read_on(self) -> None:
        """Read more of the body."""

    def ask_for_body(self) -> None:
        """Tell a client that waits for it to send the body."""


class Transaction:
    """A request that is being answered. It gets one reply, whatever the application does."""

    def __init__(self, carrier: Carrier, headers: RequestHeaders) -> None:
        self._carrier = carrier
        self._asks = headers.expects_continue
        self._given = False
        self._changed = asyncio.Event()
        self._begun: Message | None = None
        self._reply = b""
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": headers.version,
            "method": headers.method,
            "path": headers.path,
            "raw_path": headers.raw_path,
            "query_string": headers.query,
            "root_path": "",
            "headers": headers.fields,
        }
        self.body = headers.body
        self.keep_alive = headers.keep_alive
        self.arrived = bytearray()
        """The part of the body that has arrived and that the application has not taken."""
        self.answered = False
        self.on_disconnect: Callable[[], None] | None = None
        """Called when the client disconnects before its answer is sent."""
        self._broken: HTTPError | None = None
        self._gone = False

    async def run(self, application: Application) -> None:
        """Run the application. If it fails or sends nothing, the client gets an error."""
        refusal = HTTPError("internal", "the server failed", close=True)
        try:
            await application(self.scope, self.receive, self.send)
        except HTTPError as error:
            refusal = error
        except asyncio.CancelledError:
            self._carrier.refuse(refusal)
            raise
        except BaseException as error:  # noqa: BLE001  a panic of native code is no Exception
            logger.error("a request failed: %s", type(error).__name__)
        if not self.answered:
            self._carrier.refuse(refusal)

    def add(self, part: bytes) -> None:
        """Add a part of the body that has arrived."""
        self.arrived += part
        self._changed.set()

    def fail(self, error: HTTPError) -> None:
        """Note that the body's framing is broken; `receive` raises it."""
        self._broken = error
        self._changed.set()

    def end(self) -> None:
        """Note that the client has left, or will not send the rest of the body."""
        self._gone = True
        self._changed.set()

    def close(self) -> None:
        """Forget the request's content: its reply has been written."""
        self.answered = True
        self.arrived = bytearray()
        self.on_disconnect = None
        self.scope["extensions"] = {}  # they refer to this object: one cycle less for the collector
        self._changed.set()

    def take(self) -> bytes | None:
        """Take the complete body; None where it has not arrived."""
        if not self.body.done or self.answered:
            return None
        body, self.arrived, self._given = bytes(self.arrived), bytearray(), True
        return body

    async def receive(self) -> Message:
        """Wait for the next part of the body, or for the client to leave.

        Raises:
            HTTPError: 400, the body's framing is broken.
        """
        if self._asks and not self._is_due():
            self._carrier.ask_for_body()
        self._asks = False
        while not self._is_due():
            self._carrier.read_on()
            self._changed.clear()
            await self._changed.wait()
        if self._broken is not None:
            raise self._broken
        if self.answered or self._given or (self._gone and not self.body.done):
            return {"type": _GONE}
        part, self.arrived = bytes(self.arrived), bytearray()
        self._given = self.body.done
        return {"type": "http.request", "body": part, "more_body": not self.body.done}

    def _is_due(self) -> bool:
        if self.answered or self._gone or self._broken is not None:
            return True
        return bool(self.arrived) or (self.body.done and not self._given)

    async def send(self, message: Message) -> None:
        """Collect the parts of the reply, and send it when it is complete."""
        if message["type"] == "http.response.start":
            self._begun = message
        elif self._begun is not None:
            self._reply += message.get("body", b"")
            if not message.get("more_body", False):
                headers = tuple(self._begun.get("headers", ()))
                self._carrier.reply(self._begun["status"], headers, self._reply)
