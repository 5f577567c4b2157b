"""Where a line of a text starts a sentence: blank lines, items of lists, lines after a heading.

Text with hard line breaks is read as one: a line break by itself starts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import regex

from burnish.tasks.sentences.abbreviations import BEFORE_NUMBER, INNER, MONTHS, ORDINAL, STARTERS

__all__ = ["blocks"]

_LINE = regex.compile(r"[^\n\r\v\f\x85\u2028\u2029]+")
_BULLET = regex.compile(r"[•◦▪‣●○■□➢✓·*\u2013—-]\s+\S|#{1,6}\s")
_NUMBERED = regex.compile(r"(?:\d{1,3}|[IVX]{1,5}|\p{Lu})(?:\.\d{1,3}){0,4}[.)]\s+(?!\p{Ll})\S")
_LETTERED = regex.compile(
    r"\(?(?:\p{Ll}{1,2}|[ivx]{1,5}|\d{1,3})\)\s+\S|\((?:\p{Lu}|[IVX]{1,5})\)\s"
)
_LABEL = regex.compile(r"\p{Lu}[\w /-]{0,24}:(?:\s|$)")
_WORD = regex.compile(r"[\w'\u2019.-]*\w")
_BREAKS = frozenset(("", "\n", "\r", "\v", "\x85", "\u2028"))
_CLOSED = tuple(".!?:;,…。\uff01\uff1f")
_JOINING = frozenset(("and", "or", "und", "oder", "et", "ou", "en", "of"))
"""Words that may end the item before the last one of a list."""
_FULL = 0.75
"""Share of the longest line from which a writer may have broken it for want of room."""
_LONGEST_HEADING = 100
_EDGE = 60
"""Code points at a line's ends that are looked at, so that a long line costs no more."""


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    head: str
    """Its first code points."""
    tail: str
    """Its last ones."""

    @property
    def length(self) -> int:
        return self.end - self.start

    @property
    def last_word(self) -> str:
        found = _WORD.findall(self.tail)
        return found[-1].lower() if found else ""


def blocks(text: str) -> Iterator[tuple[int, int]]:
    """The stretches of a text in which full stops alone decide, in order.

    A blank line ends a stretch, and so does a line break before a list's item or after a heading.
    """
    for paragraph in _paragraphs(text):
        longest = max(line.length for line in paragraph)
        start = paragraph[0].start
        item = _is_item(paragraph[0], None, item=False, longest=longest)
        for before, line in pairwise(paragraph):
            now = _is_item(line, before, item=item, longest=longest)
            if now or _is_heading(before, line, longest=longest):
                yield start, before.end
                start, item = line.start, now
        yield start, paragraph[-1].end


def _ends_paragraph(gap: str) -> bool:
    """Whether what is between two lines is more than a line break; a new page is none more."""
    return "\u2029" in gap or gap.replace("\r\n", "\n").replace("\f", "") not in _BREAKS


def _paragraphs(text: str) -> Iterator[list[_Line]]:
    """Runs of lines without a blank one."""
    paragraph: list[_Line] = []
    end = 0
    for found in _LINE.finditer(text):
        line = _line(text, *found.span())
        gap = text[end : found.start()]
        if paragraph and (line is None or _ends_paragraph(gap)):
            yield paragraph
            paragraph = []
        if line is not None:
            paragraph.append(line)
        end = found.end()
    if paragraph:
        yield paragraph


def _line(text: str, start: int, end: int) -> _Line | None:
    """The line without white space around it; None: a blank one."""
    whole = text[start:end]
    stripped = whole.strip()
    if not stripped:
        return None
    start += len(whole) - len(whole.lstrip())
    return _Line(start, start + len(stripped), stripped[:_EDGE], stripped[-_EDGE:])


def _is_item(line: _Line, before: _Line | None, *, item: bool, longest: int) -> bool:
    """Whether a line starts an item of a list, or a paragraph with a number or label.

    Args:
        line: the line.
        before: the one above it, without a blank line between.
        item: whether that belongs to an item.
        longest: the paragraph's longest line.
    """
    open_end = before is not None and not before.tail.endswith(_CLOSED)
    wrapped = open_end and not item and before is not None and _is_full(before, line, longest)
    if _NUMBERED.match(line.head):
        return before is None or not _goes_on(before, line)
    if _BULLET.match(line.head) or _LABEL.match(line.head):
        return not wrapped
    if _LETTERED.match(line.head):
        joined = before is not None and before.last_word in _JOINING
        return before is None or not open_end or item or (joined and not wrapped)
    return False


def _goes_on(before: _Line, line: _Line) -> bool:
    """Whether a number at a line's start is a date, an ordinal or a reference from above."""
    word = before.last_word
    following = _WORD.findall(line.head)[1:2]
    month = bool(following) and following[0].lower().rstrip(".") in MONTHS
    named = before.tail.endswith(".") and word in INNER | BEFORE_NUMBER
    joined = not before.tail.endswith(_CLOSED) and word in STARTERS | ORDINAL
    return month or joined or named or before.tail.endswith("§")


def _is_full(line: _Line, following: _Line, longest: int) -> bool:
    """Whether the next line's first word would not have fitted into the line."""
    first = following.head.split(maxsplit=1)[0]
    return line.length + 1 + len(first) > _FULL * longest


def _is_heading(line: _Line, following: _Line, *, longest: int) -> bool:
    """Whether a line is a heading, or ended before it was full, and a new sentence follows."""
    if line.head.startswith("#"):
        return True
    if line.length > _LONGEST_HEADING:
        return False
    if line.tail.endswith(":"):
        return not _is_full(line, following, longest)
    if line.tail.endswith(_CLOSED) or line.tail.endswith("-") or following.head[0].islower():
        return False
    if _is_capitals(line.head) and not _is_capitals(following.head):
        return True
    return line.last_word not in STARTERS | ORDINAL and not _is_full(line, following, longest)


def _is_capitals(head: str) -> bool:
    return head.isupper() and sum(map(str.isalpha, head)) > 3
