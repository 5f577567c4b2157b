"""A request and its reply: what the application receives and sends, as ASGI has it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, Protocol

from ..errors import RefusalError
from .message import Head

__all__ = ["Application", "Carrier", "Fields", "Transaction"]

Application = Callable[..., Awaitable[None]]
Fields = Sequence[tuple[bytes, bytes]]
Message = MutableMapping[str, Any]

logger = logging.getLogger("burnish.service")

_GONE: Final = "http.disconnect"


class Carrier(Protocol):
    """What a turn needs of its connection."""

    def reply(self, status: int, headers: Fields, body: bytes) -> None:
        """Send the reply."""

    def refuse(self, refusal: RefusalError) -> None:
        """Send a refusal that the application has not made, and close."""

    def read_on(self) -> None:
        """Read more of the body."""

    def ask_for_body(self) -> None:
        """Tell a client that waits for it to send the body."""


class Transaction:
    """A request that is being answered. It has one reply, whatever the application does."""

    def __init__(self, carrier: Carrier, head: Head) -> None:
        self._carrier = carrier
        self._asks = head.expects_continue
        self._given = False
        self._changed = asyncio.Event()
        self._begun: Message | None = None
        self._reply = b""
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": head.version,
            "method": head.method,
            "path": head.path,
            "raw_path": head.raw_path,
            "query_string": head.query,
            "root_path": "",
            "headers": head.fields,
        }
        self.body = head.body
        self.keep_alive = head.keep_alive
        self.arrived = bytearray()
        """Of the body, and not taken yet."""
        self.answered = False
        self.leave: Callable[[], None] | None = None
        """Called when the client leaves."""
        self._fault: RefusalError | None = None
        self._gone = False

    async def run(self, application: Application) -> None:
        """Have the application answer."""
        refusal = RefusalError("internal", "the server failed", close=True)
        try:
            await application(self.scope, self.receive, self.send)
        except RefusalError as error:
            refusal = error
        except asyncio.CancelledError:
            self._carrier.refuse(refusal)
            raise
        except BaseException as error:  # noqa: BLE001  a panic of native code is no Exception
            logger.error("a request failed: %s", type(error).__name__)
        if not self.answered:
            self._carrier.refuse(refusal)

    def add(self, part: bytes) -> None:
        """Take what has arrived of the body."""
        self.arrived += part
        self._changed.set()

    def fail(self, fault: RefusalError) -> None:
        """The body's framing is broken."""
        self._fault = fault
        self._changed.set()

    def end(self) -> None:
        """The client is gone, or will not send the rest of the body."""
        self._gone = True
        self._changed.set()

    def close(self) -> None:
        """The reply is out: nothing of the request stays with its connection."""
        self.answered = True
        self.arrived = bytearray()
        self.leave = None
        self.scope["extensions"] = {}  # they lead back to here: one cycle less to collect
        self._changed.set()

    def take(self) -> bytes | None:
        """The whole body, None where it has not arrived."""
        if not self.body.done or self.answered:
            return None
        body, self.arrived, self._given = bytes(self.arrived), bytearray(), True
        return body

    async def receive(self) -> Message:
        """The next part of the body, or that the client has left.

        Raises:
            RefusalError: 400, the body's framing is broken.
        """
        if self._asks and not self._is_due():
            self._carrier.ask_for_body()
        self._asks = False
        while not self._is_due():
            self._carrier.read_on()
            self._changed.clear()
            await self._changed.wait()
        if self._fault is not None:
            raise self._fault
        if self.answered or self._given or (self._gone and not self.body.done):
            return {"type": _GONE}
        part, self.arrived = bytes(self.arrived), bytearray()
        self._given = self.body.done
        return {"type": "http.request", "body": part, "more_body": not self.body.done}

    def _is_due(self) -> bool:
        if self.answered or self._gone or self._fault is not None:
            return True
        return bool(self.arrived) or (self.body.done and not self._given)

    async def send(self, message: Message) -> None:
        """Take a part of the reply; it goes out when it is whole."""
        if message["type"] == "http.response.start":
            self._begun = message
        elif self._begun is not None:
            self._reply += message.get("body", b"")
            if not message.get("more_body", False):
                headers = tuple(self._begun.get("headers", ()))
                self._carrier.reply(self._begun["status"], headers, self._reply)
