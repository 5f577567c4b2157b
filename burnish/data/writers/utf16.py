"""UTF-16: where the code points of a text lie for tools that are written in JavaScript or Java."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["utf16_offsets"]


def utf16_offsets(text: str) -> Sequence[int]:
    """How many UTF-16 units stand before each code point, and before the end of a text."""
    if text.isascii():
        return range(len(text) + 1)
    before = [0]
    for character in text:
        before.append(before[-1] + 1 + (ord(character) > 0xFFFF))
    return before
