r"""Escapes: a character that a stream cannot write becomes JSON's ``\uXXXX``, never an error.

Half of a surrogate pair, which JSON can hold (``"\ud83d"``) and UTF-8 cannot, is written back as
it was read; a terminal in Latin-1 shows an emoji as ``\ud83d\ude00``, which inside a JSON string
is still the emoji (RFC 8259, section 7).
"""

from __future__ import annotations

import codecs
import io
import sys

__all__ = ["ESCAPED", "escape_streams"]

ESCAPED = "burnish-escaped"
"""For ``errors=`` of ``open``, ``write_text`` and ``encode``."""


def escape_streams() -> None:
    """Let standard output and standard error write any text, whatever their encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ESCAPED)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


codecs.register_error(ESCAPED, _escape)
