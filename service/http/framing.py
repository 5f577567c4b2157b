"""Where a request's body ends: decided once, from its headers, and by nothing that follows.

RFC 9112, 6 and 7, read strictly: what two servers could read in two ways is refused, so that no
proxy before this one can see other requests than it does. An offered upgrade changes nothing, and
trailer fields are dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NoReturn, Protocol

from ..errors import HTTPError

__all__ = ["Body", "Chunked", "Counted", "body_of"]

_DIGITS: Final = re.compile(rb"[0-9]{1,18}")
_TOKEN: Final = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_VALUE: Final = rb"[\t\x20-\x7e\x80-\xff]*"
_CODINGS: Final = re.compile(rb"[ \t]*%b[ \t]*(?:,[ \t]*%b[ \t]*)*" % (_TOKEN, _TOKEN))
_SIZE_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;%b)?" % _VALUE)
_SIZE_BEGUN: Final = re.compile(rb"(?:[0-9A-Fa-f]{1,15}(?:[ \t]*(?:;%b)?)?\r?)?" % _VALUE)
_TRAILER: Final = re.compile(rb"%b:%b" % (_TOKEN, _VALUE))
_TRAILER_BEGUN: Final = re.compile(rb"(?:%b(?::%b)?)?\r?" % (_TOKEN, _VALUE))

_MAX_EXTENSION_BYTES: Final = 4096
_MAX_TRAILER_BYTES: Final = 4096
"""Of one body. Chosen: extensions and trailers are dropped, so that no client needs them."""
_MAX_CHUNKS: Final = 64 * 1024
"""Chosen: 1 MiB in chunks of 16 bytes. Each costs the event loop about a microsecond."""


class Body(Protocol):
    """A body that is being read."""

    @property
    def done(self) -> bool:
        """Whether it has been read to its framed end."""

    def take(self, buffer: bytearray) -> bytes:
        """Move from the buffer what is there of the body.

        Raises:
            HTTPError: 400, the framing is broken; nothing behind it can be told apart.
        """


class Counted:
    """A body of the length that ``Content-Length`` declares. A request without it has no body."""

    def __init__(self, size: int) -> None:
        self._left = size

    @property
    def done(self) -> bool:
        """Whether it has been read to its framed end."""
        return not self._left

    def take(self, buffer: bytearray) -> bytes:
        """Move from the buffer what is there of the body."""
        if not self._left:
            return b""
        part = bytes(buffer[: self._left])
        del buffer[: len(part)]
        self._left -= len(part)
        return part


class Chunked:
    """A body in chunks (RFC 9112, 7.1). Extensions and trailers are bounded, and dropped."""

    def __init__(self) -> None:
        self._left = 0  # of this chunk's data
        self._in_chunk = self._in_trailer = self.done = False
        self._chunks = self._extensions = self._trailers = 0

    def take(self, buffer: bytearray) -> bytes:
        """Move from the buffer what is there of the body.

        Raises:
            HTTPError: 400, the framing is broken; nothing behind it can be told apart.
        """
        parts: list[bytes] = []
        at = 0
        while not self.done:
            begin = at
            if self._in_chunk:
                at = self._take_data(buffer, at, parts)
            elif self._in_trailer:
                at = self._take_trailer(buffer, at)
            else:
                at = self._take_size(buffer, at)
            if at == begin:
                break
        del buffer[:at]
        return b"".join(parts)

    def _take_size(self, buffer: bytearray, at: int) -> int:
        end = buffer.find(b"\r\n", at)
        line = buffer[at:] if end < 0 else buffer[at:end]
        if len(line) > _MAX_EXTENSION_BYTES:
            _malformed("a chunk's extension is too long")
        if end < 0:
            return at if _SIZE_BEGUN.fullmatch(line) else _malformed("a chunk's size is malformed")
        found = _SIZE_LINE.fullmatch(line)
        if found is None:
            _malformed("a chunk's size is malformed")
        self._chunks += 1
        self._extensions += len(line) - len(found[1])
        if self._chunks > _MAX_CHUNKS or self._extensions > _MAX_EXTENSION_BYTES:
            _malformed("it has too many chunks, or their extensions are too long")
        self._left = int(found[1], 16)
        self._in_chunk, self._in_trailer = self._left > 0, self._left == 0
        return end + 2

    def _take_data(self, buffer: bytearray, at: int, parts: list[bytes]) -> int:
        if self._left:
            part = bytes(buffer[at : at + self._left])
            parts.append(part)
            self._left -= len(part)
            at += len(part)
        if self._left:
            return at
        end = buffer[at : at + 2]
        if not b"\r\n".startswith(end):
            _malformed("a chunk is longer than its size")
        self._in_chunk = len(end) < 2
        return at if self._in_chunk else at + 2

    def _take_trailer(self, buffer: bytearray, at: int) -> int:
        end = buffer.find(b"\r\n", at)
        line = buffer[at:] if end < 0 else buffer[at:end]
        if self._trailers + len(line) > _MAX_TRAILER_BYTES:
            _malformed(f"its trailer is larger than {_MAX_TRAILER_BYTES} bytes")
        if end < 0:
            return at if _TRAILER_BEGUN.fullmatch(line) else _malformed("its trailer is malformed")
        self.done = not line
        if line and not _TRAILER.fullmatch(line):
            _malformed("its trailer is malformed")
        self._trailers += len(line) + 2
        return end + 2


def body_of(version: bytes, lengths: Sequence[bytes], codings: Sequence[bytes], /) -> Body:
    """How the body of a request is framed.

    Args:
        version: ``1.0`` or ``1.1``.
        lengths: the values of ``Content-Length``.
        codings: the values of ``Transfer-Encoding``.

    Raises:
        HTTPError: 400, there are two ways to read it; 501, a coding that is not known.
    """
    if codings:
        if lengths or version != b"1.1" or not _CODINGS.fullmatch(b",".join(codings)):
            _malformed_header("Transfer-Encoding")
        names = [name.strip().lower() for name in b",".join(codings).split(b",")]
        if names[-1] != b"chunked" or b"chunked" in names[:-1]:
            _malformed_header("Transfer-Encoding")
        if len(names) > 1:
            raise HTTPError(
                "not_implemented", "transfer-encoding: only chunked is taken", close=True
            )
        return Chunked()
    if not lengths:
        return Counted(0)
    if len(lengths) > 1 or not _DIGITS.fullmatch(lengths[0]):
        _malformed_header("Content-Length")
    return Counted(int(lengths[0]))


def _malformed(what: str) -> NoReturn:
    raise HTTPError("malformed", f"body: {what}", close=True)


def _malformed_header(name: str) -> NoReturn:
    raise HTTPError("malformed", f"header: {name} does not say where the body ends", close=True)
