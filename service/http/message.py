"""A request's line and header fields, read from bytes, with the framing of its body."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NoReturn
from urllib.parse import unquote

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from ..errors import HTTPError
from .framing import Body, body_of

__all__ = ["HeadersReader", "RequestHeaders"]

_MAX_HEADERS_BYTES: Final = 64 * 1024
_MAX_FIELDS: Final = 256
"""Chosen: more than clients and proxies send, and little memory for a connection."""
_REQUEST_LINE: Final = re.compile(
    rb"([A-Z]+) "
    rb"(?:(/[!\"$-~]*|\*)|[Hh][Tt][Tt][Pp][Ss]?://([A-Za-z0-9.:\[\]_-]+)([/?][!\"$-~]*)?) "
    rb"HTTP/(1\.[01])\r\n"
)
"""Method, target; or authority and target of an absolute one (RFC 9112, 3.2.2); version."""


@dataclass(frozen=True, slots=True)
class RequestHeaders:
    """A request without its body: what the line and the header fields say."""

    method: str
    path: str
    """Without percent-encoding."""
    raw_path: bytes
    query: bytes
    version: str
    fields: list[tuple[bytes, bytes]] = field(repr=False)
    """Names in lower case, in their order."""
    body: Body
    """Reads the body that follows."""
    keep_alive: bool
    """Whether the client keeps the connection."""
    expects_continue: bool
    """Whether the client waits for an interim reply before it sends the body."""


class HeadersReader:
    """Reads one request's headers as their bytes arrive; llhttp checks the fields' grammar."""

    def __init__(self) -> None:
        self._parser = HttpRequestParser(self)
        self._seen = 0
        self._fields: list[tuple[bytes, bytes]] = []
        self._complete = False

    def read(self, buffer: bytearray) -> RequestHeaders | None:
        """Take the headers from the buffer once all have arrived; what follows is not looked at.

        Raises:
            HTTPError: 400, they are not valid HTTP/1.1, or too large; 501, see `body_of`.
        """
        end = buffer.find(b"\r\n\r\n", max(0, self._seen - 3)) + 4
        whole = end >= 4
        if (end if whole else len(buffer)) > _MAX_HEADERS_BYTES:
            raise HTTPError(
                "malformed", f"header: it is larger than {_MAX_HEADERS_BYTES} bytes", close=True
            )
        self._feed(bytes(buffer[self._seen : end] if whole else buffer[self._seen :]))
        self._seen = len(buffer)
        if self._complete is not whole:
            _malformed()
        if not whole:
            return None
        line = _REQUEST_LINE.match(bytes(buffer[:end]))  # a match reads what it was made on
        del buffer[:end]
        if line is None:
            _malformed()
        method, target, authority, rest, version = line.groups()
        return self._headers(method, authority, target or rest or b"/", version)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser for each field."""
        self._fields.append((name.lower(), value.strip(b" \t")))
        if len(self._fields) > _MAX_FIELDS:
            raise ValueError("too many fields")  # ends the parser

    def on_headers_complete(self) -> None:
        """Called by the parser at the end of the headers."""
        self._complete = True

    def _feed(self, part: bytes) -> None:
        try:
            self._parser.feed_data(part)
        except HttpParserUpgrade:
            pass  # RFC 9110, 7.8: a server may ignore the offer, and this one does
        except HttpParserError:
            _malformed()

    def _headers(
        self, method: bytes, authority: bytes | None, target: bytes, version: bytes
    ) -> RequestHeaders:
        values: dict[bytes, list[bytes]] = {}
        for name, value in self._fields:
            values.setdefault(name, []).append(value)
        raw_path, _, query = target.partition(b"?")
        path = raw_path.decode("ascii") or "/"
        if authority is not None:  # it counts, whatever the field says
            self._fields = [(n, authority if n == b"host" else v) for n, v in self._fields]
        options = b",".join(values.get(b"connection", ())).lower().split(b",")
        return RequestHeaders(
            method=method.decode("ascii"),
            path=unquote(path) if "%" in path else path,
            raw_path=raw_path,
            query=query,
            version=version.decode("ascii"),
            fields=self._fields,
            body=body_of(
                version,
                values.get(b"content-length", ()),
                values.get(b"transfer-encoding", ()),
            ),
            keep_alive=version == b"1.1" and b"close" not in [o.strip() for o in options],
            expects_continue=version == b"1.1"
            and [v.lower() for v in values.get(b"expect", ())] == [b"100-continue"],
        )


def _malformed() -> NoReturn:
    raise HTTPError(
        "malformed", "request: it is not valid HTTP/1.1, or its header is too large", close=True
    ) from None
