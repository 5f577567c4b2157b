"""Reading a request's body: counted as it streams, in time, and never more at once than fits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import Receive

from ..errors import HTTPError
from ..settings import Settings

__all__ = ["BodyReader"]

_DRAINED = 8
"""How much of a body that is too large is still read, in multiples of the limit. Chosen."""
_SMALL_BYTES = 16 * 1024
"""Smaller bodies are not counted. Chosen: a connection may buffer four times as much anyway."""


class BodyReader:
    """Bodies of one server, with a limit on what all of them hold together."""

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.max_body_bytes
        self._timeout_s = settings.body_timeout_s
        self._most_held = settings.max_held_bytes
        self._held = 0

    def hold(self, headers: Mapping[bytes, bytes]) -> int:
        """Make room for a body.

        Returns:
            how much, to be given to `settle` or `release`.

        Raises:
            HTTPError: it will be too large, or too much is held already.
        """
        counted = _counted(self._expected(headers))
        if self._held + counted > self._most_held:
            raise HTTPError(
                "overloaded",
                "too many large bodies at once, try again later",
                headers={"Retry-After": "1"},
                close=True,
            )
        self._held += counted
        return counted

    def settle(self, held: int, size: int) -> int:
        """Keep no more room than a body takes that has arrived: a chunked one may be small.

        Returns:
            how much is to be given to `release`.
        """
        taken = _counted(size)
        self._held += taken - held
        return taken

    def release(self, held: int) -> None:
        """Give the room back."""
        self._held -= held

    def check(self, body: bytes) -> bytes:
        """A body that has arrived.

        Raises:
            HTTPError: it is too large.
        """
        if len(body) > self._limit:
            raise self._too_large()
        return body

    def _expected(self, headers: Mapping[bytes, bytes]) -> int:
        """How much the client says, or may, send."""
        declared = headers.get(b"content-length")
        if declared is None or not declared.isdigit():
            return self._limit
        size = int(declared[:20])
        if size > self._limit and b"expect" in headers:
            raise self._too_large()  # the client has not begun to send it
        return min(size, self._limit)

    async def read(self, receive: Receive) -> bytes:
        """Read a body.

        Raises:
            HTTPError: too large, too slow, or the client has left.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._parts(receive)
        except TimeoutError:
            raise HTTPError(
                "timeout", f"body: it did not arrive in {self._timeout_s:g} seconds", close=True
            ) from None

    async def _parts(self, receive: Receive) -> bytes:
        """The parts of a body, as one.

        One that is too large is still taken off the wire for a while: a client that is busy
        sending would otherwise see its connection break and not the reply.
        """
        parts: list[bytes] = []
        size = 0
        more = True
        while more and size <= self._limit * _DRAINED:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise HTTPError("malformed", "body: the client left before its end", close=True)
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self._limit:
                parts.clear()
            else:
                parts.append(part)
            more = message.get("more_body", False)
        if size > self._limit:
            raise self._too_large()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _too_large(self) -> HTTPError:
        return HTTPError(
            "too_large",
            f"body: it has more than {self._limit} bytes, send fewer texts per request",
            close=True,
        )


def _counted(size: int) -> int:
    return 0 if size <= _SMALL_BYTES else size
