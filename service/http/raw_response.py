"""Whole replies: status, headers and body, with the marks that every reply of ours carries."""

from __future__ import annotations

from ..call import HeaderList, Reply
from ..errors import RefusalError, envelope
from .wire import CLOSE, Whole

__all__ = ["whole_refusal", "whole_reply"]

_ON_EVERY_REPLY: HeaderList = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)


def whole_reply(reply: Reply, *, request_id: bytes) -> Whole:
    """A success, 200."""
    return _whole(200, reply.body, reply.media, reply.headers, request_id)


def whole_refusal(refusal: RefusalError, *, request_id: bytes) -> Whole:
    """A refusal in the one envelope, with its headers."""
    headers = tuple(
        (name.lower().encode("ascii"), value.encode("ascii"))
        for name, value in refusal.headers.items()
    )
    if refusal.close:
        headers += (CLOSE,)
    body = envelope(refusal.error_type, refusal.message)
    return _whole(refusal.status, body, b"application/json", headers, request_id)


def _whole(status: int, body: bytes, media: bytes, headers: HeaderList, request_id: bytes) -> Whole:
    own = (
        (b"content-type", media),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id),
    )
    return status, (*own, *_ON_EVERY_REPLY, *headers), body
