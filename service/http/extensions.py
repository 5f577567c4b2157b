"""What our connections offer the application beyond ASGI, by names in a scope's ``extensions``.

Another server does not set them; `edge` then does the same by ASGI's own messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

__all__ = ["BODY_READY", "ON_DISCONNECT", "SEND_RAW", "SendRaw"]

BODY_READY: Final = "burnish.body_ready"
"""A function that returns the body where it has arrived already, and else None."""

ON_DISCONNECT: Final = "burnish.on_disconnect"
"""A function that takes a callback, to be called when the client disconnects."""

SEND_RAW: Final = "burnish.send_raw"
"""A `SendRaw` function. It takes one write, where the standard has two messages."""

SendRaw = Callable[[int, Sequence[tuple[bytes, bytes]], bytes], None]
"""Sends a complete response: status, headers and body."""
