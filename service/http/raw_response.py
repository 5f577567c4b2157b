"""Complete responses: status and body, with the headers that every response of the edge has."""

from __future__ import annotations

from ..errors import HTTPError, envelope
from ..request_context import HeaderList, Response
from .wire import CLOSE, RawResponse

__all__ = ["raw_error", "raw_success"]

_ON_EVERY_REPLY: HeaderList = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


def raw_success(response: Response, *, request_id: bytes) -> RawResponse:
    """A response with status 200."""
    return _raw(200, response.body, response.media, response.headers, request_id)


def raw_error(refusal: HTTPError, *, request_id: bytes) -> RawResponse:
    """An error in the one JSON shape, with its headers."""
    headers = tuple(
        (name.lower().encode("ascii"), value.encode("ascii"))
        for name, value in refusal.headers.items()
    )
    if refusal.close:
        headers += (CLOSE,)
    body = envelope(refusal.error_type, refusal.message)
    return _raw(refusal.status, body, b"application/json", headers, request_id)


def _raw(
    status: int, body: bytes, media: bytes, headers: HeaderList, request_id: bytes
) -> RawResponse:
    own = (
        (b"content-type", media),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id),
    )
    return status, (*own, *_ON_EVERY_REPLY, *headers), body
