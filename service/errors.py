"""Errors: every reason not to answer a request, and the one JSON shape in which clients get it."""

from __future__ import annotations

import json
from typing import Final, Literal, get_args

__all__ = ["ERROR_TYPES", "STATUS_OF", "ErrorType", "HTTPError", "envelope", "stopping"]

ErrorType = Literal[
    "malformed",
    "unauthorized",
    "forbidden",
    "not_found",
    "method_not_allowed",
    "timeout",
    "too_large",
    "unsupported_media_type",
    "validation",
    "overloaded",
    "model",
    "internal",
    "not_implemented",
    "not_ready",
    "deadline",
]
ERROR_TYPES: Final[tuple[ErrorType, ...]] = get_args(ErrorType)

STATUS_OF: Final[dict[ErrorType, int]] = {
    "malformed": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "timeout": 408,
    "too_large": 413,
    "unsupported_media_type": 415,
    "validation": 422,
    "overloaded": 429,
    "model": 500,
    "internal": 500,
    "not_implemented": 501,
    "not_ready": 503,
    "deadline": 504,
}


class HTTPError(Exception):
    """A request gets an error instead of an answer.

    ``message`` says what is wrong, where, and how to fix it. It quotes nothing of the request.
    """

    def __init__(
        self,
        error_type: ErrorType,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.headers = headers or {}
        self.close = close
        """Whether the connection closes after the reply: the request was not read to its end."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS_OF[self.error_type]


def envelope(error_type: ErrorType, message: str) -> bytes:
    """An error as JSON, the same from every layer.

    Not cached: a message may quote what a caller wrote.
    """
    return json.dumps({"error": message, "error_type": error_type}).encode("ascii")


def stopping() -> HTTPError:
    """The error for requests that a stopping server does not answer any more."""
    return HTTPError(
        "not_ready", "the server is stopping, try again", headers={"Retry-After": "1"}, close=True
    )
