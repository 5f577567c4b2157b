"""A request that the edge has let in, and the response that it will send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from .access import Caller
from .routes import Route

__all__ = ["HeaderList", "OnDisconnect", "RequestContext", "Response", "json_response"]

HeaderList = tuple[tuple[bytes, bytes], ...]
OnDisconnect = Callable[[Callable[[], None]], None]
"""Takes a callback, which is called if the client leaves before its answer is sent."""

_JSON = b"application/json"


@dataclass(frozen=True, slots=True, eq=False)
class RequestContext:
    """A request with its body. Never formatted into a message: it holds a user's text."""

    route: Route
    method: str
    path: str
    body: bytes = field(repr=False)
    caller: Caller = field(repr=False)
    deadline_s: float
    """On the monotonic clock, in seconds: when the server gives up."""
    client_deadline_ms: float | None
    """The client's own deadline, from the start of its request; None: it has set none."""
    on_disconnect: OnDisconnect = field(repr=False)


@dataclass(slots=True, eq=False)
class Response:
    """What is sent with status 200, and what the audit log may record of it."""

    body: bytes = field(repr=False)
    media: bytes = _JSON
    headers: HeaderList = ()
    model: str = ""
    """Digest of the bundle that answered; empty: none did."""
    items: int = 0
    tokens: int = 0


def json_response(content: Any) -> Response:
    """A response in JSON, written by pydantic: four times as fast as the standard library."""
    return Response(to_json(content, inf_nan_mode="null"))
