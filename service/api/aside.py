"""Parsing of large bodies on a thread, so that other requests need not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ..errors import HTTPError

__all__ = ["parsed"]

_LARGE_BODY_BYTES = 64 * 1024
"""From here on, parsing would hold up other requests."""
_LATE_S = 0.1
"""For a large body that is refused: who sends one after the other takes no more than a small part
of a processor."""

ParsedT = TypeVar("ParsedT")


async def parsed(body: bytes, parse: Callable[[bytes], ParsedT]) -> ParsedT:
    """What a body says.

    Raises:
        HTTPError: as ``parse`` does.
    """
    if len(body) <= _LARGE_BODY_BYTES:
        return parse(body)
    try:
        return await asyncio.to_thread(parse, body)
    except HTTPError:
        await asyncio.sleep(_LATE_S)
        raise
