"""Offsets: what a file counts, and where a span lies in code points.

Tools count differently. A browser counts UTF-16 units, in which an emoji is two; Go and Rust count
bytes; a line end of two characters is one in a text box; some ends are inclusive, some starts 1.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product, starmap
from typing import Literal

from burnish.errors import UsageError

__all__ = ["CHARACTERS", "COUNTINGS", "Counting", "parse_counting"]

Unit = Literal["characters", "utf16", "bytes"]
LineEnd = Literal["as-is", "crlf-as-one", "lf-as-two"]

_UNITS: dict[Unit, str] = {
    "characters": "Unicode code points",
    "utf16": "UTF-16 units, in which an emoji is two",
    "bytes": "bytes of UTF-8",
}
_LINE_ENDS: dict[LineEnd, str] = {
    "as-is": "",
    "crlf-as-one": "a CRLF line end as one character",
    "lf-as-two": "a line end as two characters, CRLF, where the text has one",
}


@dataclass(frozen=True, slots=True)
class Counting:
    """How a file counts offsets. By default: code points from 0, ends exclusive."""

    unit: Unit = "characters"
    line_end: LineEnd = "as-is"
    from_one: bool = False
    """The first character is 1."""
    inclusive: bool = False
    """An end is the last character's own offset."""

    @property
    def name(self) -> str:
        """As ``--offsets`` and ``data.offsets`` take it: ``utf16``, ``bytes+inclusive``."""
        parts = [
            *([self.unit] if self.unit != "characters" else []),
            *([self.line_end] if self.line_end != "as-is" else []),
            *(["from-one"] if self.from_one else []),
            *(["inclusive"] if self.inclusive else []),
        ]
        return "+".join(parts) or "characters"

    @property
    def oddness(self) -> int:
        """In how many ways it differs from code points from 0, ends exclusive."""
        return self.name.count("+") + (self.name != "characters")

    def describe(self) -> str:
        """What is counted, for a person."""
        counted = [] if self.unit == "characters" and self.oddness else [_UNITS[self.unit]]
        counted += [_LINE_ENDS[self.line_end]] if self.line_end != "as-is" else []
        counted += ["from 1"] if self.from_one else []
        counted += ["to the last character (ends inclusive)"] if self.inclusive else []
        return ", and ".join(counted)

    def locate(self, text: str, start: int, end: int) -> tuple[int, int] | None:
        """The span in code points from 0, end exclusive; None where it does not lie so.

        An offset inside a character, as between the two halves of an emoji, is nowhere.
        """
        start, end = start - self.from_one, end - self.from_one + self.inclusive
        if self._is_plain(text):
            return start, end
        before = _before(text, self.unit, self.line_end)
        first, last = bisect_right(before, start) - 1, bisect_left(before, end)
        if first < 0 or last >= len(before) or before[first] != start or before[last] != end:
            return None
        return first, last

    def _is_plain(self, text: str) -> bool:
        """Whether each code point counts one."""
        if self.line_end != "as-is" and "\n" in text:
            return False
        return self.unit == "characters" or text.isascii()


CHARACTERS = Counting()
"""What burnish itself counts."""


def _rank(counting: Counting) -> tuple[int, int, bool]:
    return counting.oddness, counting.from_one + counting.inclusive, counting.unit == "characters"


_SWITCH = (False, True)
COUNTINGS = tuple(
    sorted(starmap(Counting, product(_UNITS, _LINE_ENDS, _SWITCH, _SWITCH)), key=_rank)
)
"""Every way of counting, the plainest first; among equals, tools' ways before people's."""


def parse_counting(name: str) -> Counting:
    """The counting that a name stands for; its parts are joined by ``+``, in any order.

    Raises:
        UsageError: a part is unknown.
    """
    wanted = frozenset(name.split("+"))
    for counting in COUNTINGS:
        if frozenset(counting.name.split("+")) == wanted - {"characters"} or (
            counting.name == name
        ):
            return counting
    parts = [each for each in (*_UNITS, *_LINE_ENDS, "from-one", "inclusive") if each != "as-is"]
    raise UsageError(
        f"{name!r} is not a way to count offsets",
        f"use one of {', '.join(parts)}, or several: utf16+inclusive",
    )


@lru_cache(maxsize=8)  # the spans of a text come one after another, for each counting
def _before(text: str, unit: Unit, line_end: LineEnd) -> list[int]:
    """How much is counted before each code point, and before the end of the text."""
    return list(accumulate(_sizes(text, unit, line_end), initial=0))


def _sizes(text: str, unit: Unit, line_end: LineEnd) -> Iterator[int]:
    before = ""
    for character in text:
        code = ord(character)
        if character == "\n" and line_end == "crlf-as-one" and before == "\r":
            yield 0
        elif character == "\n" and line_end == "lf-as-two" and before != "\r":
            yield 2
        elif unit == "utf16":
            yield 1 + (code > 0xFFFF)
        elif unit == "bytes":
            yield 1 + (code > 0x7F) + (code > 0x7FF) + (code > 0xFFFF)
        else:
            yield 1
        before = character
