"""A request that the edge has let in, and the reply that it will send."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .access import Caller
from .routes import Route

__all__ = ["Call", "HeaderList", "Leaving", "Reply", "json_reply"]

HeaderList = tuple[tuple[bytes, bytes], ...]
Leaving = Callable[[Callable[[], None]], None]
"""Takes what is to be called when the client goes away before its answer is sent."""

_SLICE = 512
_JSON = b"application/json"
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


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
    """A reply in JSON."""
    return Reply(b"".join(_parts(content)), headers=headers)


def _parts(content: Any) -> Iterator[bytes]:
    """JSON, a slice of a long list after the other: the encoder keeps the interpreter lock."""
    if not isinstance(content, list) or not content:
        yield _ENCODER.encode(content).encode("utf-8")
    elif isinstance(content[0], list):  # of several texts
        for number, item in enumerate(content):
            yield b"," if number else b"["
            yield from _parts(item)
        yield b"]"
    else:
        for begin in range(0, len(content), _SLICE):
            part = _ENCODER.encode(content[begin : begin + _SLICE]).encode("utf-8")
            yield (b"," if begin else b"[") + part[1:-1]
        yield b"]"
