"""A request that the edge has let in, and the reply that it will send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from .access import Caller
from .routes import Route

__all__ = ["Call", "HeaderList", "Leaving", "Reply", "json_reply"]

HeaderList = tuple[tuple[bytes, bytes], ...]
Leaving = Callable[[Callable[[], None]], None]
"""Takes what is to be called when the client goes away before its answer is sent."""

_JSON = b"application/json"


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A request, read to its end. Never formatted: it holds a user's text."""

    route: Route
    method: str
    path: str
    body: bytes = field(repr=False)
    caller: Caller = field(repr=False)
    deadline_s: float
    """On the monotonic clock: the answer is of no use later."""
    patience_ms: float | None
    """The client's own deadline, from the begin of its request; None: it has set none."""
    leaving: Leaving = field(repr=False)


@dataclass(slots=True, eq=False)
class Reply:
    """What is sent, and what the audit log may know of it."""

    body: bytes = field(repr=False)
    media: bytes = _JSON
    headers: HeaderList = ()
    model: str = ""
    """Digest of the model that answered."""
    items: int = 0
    tokens: int = 0


def json_reply(content: Any, *, headers: HeaderList = ()) -> Reply:
    """A reply in JSON; pydantic writes it four times as soon as the standard library."""
    return Reply(to_json(content, inf_nan_mode="null"), headers=headers)
