"""Mojibake: UTF-8 that was read as Windows-1252 (or Latin-1) and saved so, once or more often."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Damage", "damaged_stretches", "repair_mojibake"]

_ROUNDS = 4
_UNDEFINED = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
"""Bytes that Windows-1252 leaves open; readers keep them as control characters."""


def _byte_of() -> dict[str, int]:
    table = {chr(byte): byte for byte in range(0x80, 0x100)}  # Latin-1
    for byte in range(0x80, 0xA0):
        if byte not in _UNDEFINED:
            table[bytes([byte]).decode("cp1252")] = byte
    return table


_BYTES = _byte_of()


def _class(low: int, high: int) -> str:
    return "".join(re.escape(c) for c, byte in _BYTES.items() if low <= byte <= high)


_TAIL = f"[{_class(0x80, 0xBF)}]"
_STRETCH = re.compile(
    f"(?:[{_class(0xC2, 0xDF)}]{_TAIL}|[{_class(0xE0, 0xEF)}]{_TAIL}{{2}}"
    f"|[{_class(0xF0, 0xF4)}]{_TAIL}{{3}})+"
)
_PLAIN = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff\u2010-\u2026\u20ac\u2122"
                    "\u00a0-\u00bf\u0600-\u06ff\u1e00-\u1eff\U0001f000-\U0001faff]")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of mojibake; offsets in code points of the damaged text."""

    start: int
    end: int
    repaired: str
    rounds: int
    """How often it was read wrongly."""


def damaged_stretches(text: str) -> Iterator[Damage]:
    """Stretches that are UTF-8 read in the wrong encoding, and what they were.

    Only what decodes without an error into letters or usual punctuation counts: the chance that a
    real text holds such a stretch is small, since its first character is a capital with an accent
    and the next a sign that does not follow one.
    """
    if text.isascii():
        return
    for match in _STRETCH.finditer(text):
        repaired, rounds = _decoded(match[0])
        if rounds:
            yield Damage(match.start(), match.end(), repaired, rounds)


def repair_mojibake(text: str) -> str:
    """The text with every damaged stretch as it was."""
    parts, at = [], 0
    for damage in damaged_stretches(text):
        parts += [text[at : damage.start], damage.repaired]
        at = damage.end
    return "".join([*parts, text[at:]])


def _decoded(stretch: str) -> tuple[str, int]:
    rounds = 0
    while rounds < _ROUNDS and _STRETCH.fullmatch(stretch):
        try:
            inner = bytes(_BYTES[character] for character in stretch).decode("utf-8")
        except UnicodeDecodeError:
            break
        deeper = _STRETCH.fullmatch(inner) is not None
        if not deeper and not all(_PLAIN.match(character) for character in inner):
            break
        stretch, rounds = inner, rounds + 1
    return stretch, rounds
