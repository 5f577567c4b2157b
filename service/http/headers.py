"""A request's path and headers, checked before its body is read and anything is computed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from itertools import count

from ..errors import HTTPError

__all__ = [
    "Headers",
    "check_body",
    "check_path",
    "check_repeated",
    "parse_deadline_header",
    "request_id",
]

Headers = Mapping[bytes, bytes]

_REQUEST_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")
_JSON = re.compile(rb"application/json[ \t]*(?:;(.*))?", re.IGNORECASE)
_PARAMETER = re.compile(rb"([^;=]*)=[ \t]*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;]*))")
_UTF_8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MILLISECONDS = re.compile(rb"[0-9]{1,9}")
_PROCESS = secrets.token_hex(6).encode("ascii")
_NUMBERS = count(1)
"""Process and number are the ID of a request without one: unique, and cheap to make."""
_ONCE = frozenset(
    {
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"origin",
        b"transfer-encoding",
        b"x-burnish-deadline-ms",
    }
)


def request_id(headers: Headers) -> bytes:
    """The client's own ID if it is valid, else a new one."""
    given = headers.get(b"x-request-id", b"")
    return given if _REQUEST_ID.fullmatch(given) else b"%b-%x" % (_PROCESS, next(_NUMBERS))


def parse_deadline_header(headers: Headers) -> float | None:
    """The client's deadline in milliseconds from now; None without one.

    Raises:
        HTTPError: 400, it is not a number.
    """
    given = headers.get(b"x-burnish-deadline-ms")
    if given is None:
        return None
    if not _MILLISECONDS.fullmatch(given) or not int(given):
        raise HTTPError(
            "malformed", "X-Burnish-Deadline-Ms: send a whole number of milliseconds", close=True
        )
    return float(given)


def check_path(path: str) -> None:
    """Refuse control characters.

    Raises:
        HTTPError: 400.
    """
    if _CONTROL.search(path):
        raise HTTPError("malformed", "path: it holds a control character", close=True)


def check_repeated(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse repeated headers: two layers could read two values of one header.

    Raises:
        HTTPError: 400.
    """
    names = [name for name, _ in headers if name in _ONCE]
    if len(names) > len(set(names)):
        raise HTTPError(
            "malformed", "header: one is given twice that may be given once", close=True
        )


def check_body(method: str, headers: Headers) -> None:
    """Refuse a body on a route without one, and a body that is not plain JSON.

    Raises:
        HTTPError: 400 or 415.
    """
    if method != "POST":
        if b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0":
            raise HTTPError("malformed", f"body: a {method} request has none", close=True)
    elif not _is_json(headers.get(b"content-type", b"")):
        raise HTTPError(
            "unsupported_media_type",
            "content-type: this route takes application/json in UTF-8",
            close=True,
        )
    elif headers.get(b"content-encoding", b"identity") != b"identity":
        raise HTTPError(
            "unsupported_media_type", "content-encoding: send the body as it is", close=True
        )


def _is_json(media: bytes) -> bool:
    """Whether it is JSON, in UTF-8 where it says so. Other parameters have no meaning."""
    found = _JSON.fullmatch(media)
    if found is None:
        return False
    return all(
        name.strip().lower() != b"charset" or (quoted or plain).strip().lower() in _UTF_8
        for name, quoted, plain in _PARAMETER.findall(found[1] or b"")
    )
