"""A pipe of `burnish predict`: its lines are answered as they come."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator

from burnish.batch.fields import Asked, Fields
from burnish.batch.sources import Format, line_row
from burnish.data.source import MAX_ROW_BYTES

__all__ = ["read_pipe"]

_CHUNK_BYTES = 1 << 16


def read_pipe(descriptor: int, form: Format, fields: Fields) -> Iterator[Asked | None]:
    """The inputs of a pipe, line by line; None where the next line is not there yet."""
    rest, too_long = b"", False
    while True:
        if not select.select([descriptor], [], [], 0)[0]:
            yield None
        chunk = os.read(descriptor, _CHUNK_BYTES)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line_row(None if too_long else line, form, fields).asked
            too_long = False
        if len(rest) > MAX_ROW_BYTES:  # what comes of it yet is dropped
            rest, too_long = b"", True
    if rest or too_long:
        yield line_row(None if too_long else rest, form, fields).asked
