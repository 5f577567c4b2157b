"""The sentences of a text, by their places.

A place where a sentence may end is a full stop, a question or an exclamation mark. What stands
before and after it decides, in this order: our rules (numbers, dates, citations, initials, the
tables in `abbreviations`), then syntok (https://github.com/fnl/syntok), which is asked about the
few words around the place, so that a text of any length takes time in proportion to it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator

import regex
from syntok.segmenter import segment
from syntok.tokenizer import Tokenizer

from burnish.tasks.sentences.abbreviations import (
    BEFORE_NUMBER,
    ENDINGS,
    INNER,
    LAST,
    MONTHS,
    ORDERED,
    ORDINAL,
    STARTERS,
)
from burnish.tasks.sentences.lines import blocks

__all__ = ["split_sentences"]

_SURE = r"[。\uff01\uff1f｡؟\u06d4।॥\u0589።]"
"""Marks that need no space after them: East Asian, Arabic, Urdu, Indic, Armenian, Ethiopic."""
_END = regex.compile(
    rf"""
      (?P<sure> (?<!{_SURE}) {_SURE}++
        (?: [\p{{Pe}}\p{{Pf}}"]++ (?!と|って) )?+ (?![\p{{Pe}}\p{{Pf}}"]))
    """
    r"""
    | (?P<mark>(?<![.!?…‼⁇⁈⁉])[.!?…‼⁇⁈⁉]++)
      (?P<close>(?:["'”“\u2019»«\u203a\u2039)\]}]|\[\d{1,3}\])*+(?:\s»(?=\s|$))?)
      (?P<note>(?<=\p{L}{2}["'”\u2019)]?[.!?]["'”\u2019)]?)\d{1,3}(?=\s+["'“(]?\p{Lu}))?
      (?:(?=\s)|(?<=\p{Ll}{2}[.!?])(?=\p{Lu}\p{Ll}+[\s,;]))
    """,
    regex.VERBOSE,
)
_NEXT = regex.compile(
    r"""\s*(?P<open>[\s"'“”„»«\u203a\u2039(\[{¿¡*_\u2013—-]*)(?P<word>[\w'\u2019]*)"""
)
_LAST_WORD = regex.compile(
    r"""(?r)((?:\p{L}{1,5}\.[ \u00a0\u202f]?)*)([\p{L}\p{M}\d'\u2019-]+|§)$"""
)
_ROMAN = regex.compile(r"[IVXLC]+")
_LONGEST_ORDINAL = 2
"""Digits of a number that may be a day, a month or an ordinal."""
_UNIT = regex.compile(r"(?r)\d\s?(?:[dghlms]|[cm]m)$")
_DOTTED = regex.compile(r"(?:\p{L}{1,4}\.)+\p{L}{1,4}|(?:\p{L}\.\s?)+\p{L}")
_ELIDED = regex.compile(r"^(?:[cdjlmnst]|qu)['\u2019](?=\p{L})", regex.IGNORECASE)
_ALWAYS = INNER - BEFORE_NUMBER
_BRACKET = regex.compile(r"[\p{Ps}\p{Pe}]")
_PAIRS = {")": "(", "]": "[", "}": "{", "」": "「", "』": "『", "\uff09": "\uff08"}
_PAIRED = regex.compile(r"[()\[\]{}「」『』\uff08\uff09]")
_MOST_BRACKETED = 500
"""Code points; a pair of brackets that is longer is taken for a slip or for text of its own."""
_BEFORE = 48
_AFTER = 48
"""Code points around a place that are looked at."""
_MOST_ASKED = 20_000
"""Places of a text about which syntok is asked, at 0.1 ms each; prose of a million characters has
half as many."""
_TOKENIZER = Tokenizer(replace_not_contraction=False)


def split_sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of a text in any language that ends them with marks.

    A blank line ends a sentence, and so does the line break before an item of a list and after a
    heading; other line breaks do not. Text without any mark is one sentence.

    Args:
        text: of any length; the time is proportional to it.

    Returns:
        Start and end of each sentence in code points, in order, without white space around it.
        None is empty, and each character but white space belongs to exactly one.
    """
    return list(_Splitter(text).sentences())


class _Splitter:
    """One text that is being split."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._asked = 0
        self._small = text.islower()
        """Nothing is in capitals: a small letter says nothing about where a sentence starts."""

    def sentences(self) -> Iterator[tuple[int, int]]:
        for first, last in blocks(self._text):
            start = first
            for end in self._ends(first, last):
                yield start, end
                start = self._skip_spaces(end)
            if start < last:
                yield start, last

    def _ends(self, first: int, last: int) -> Iterator[int]:
        """Where sentences end inside a block."""
        inside = _brackets(self._text, first, last)
        start = first
        for found in _END.finditer(self._text, first, last):
            end = found.end()
            if end >= last or inside(end):
                continue
            if found["sure"] or self._is_end(found, start, last):
                yield end
                start = self._skip_spaces(end)

    def _skip_spaces(self, place: int) -> int:
        while place < len(self._text) and self._text[place].isspace():
            place += 1
        return place

    def _is_end(self, found: regex.Match[str], start: int, last: int) -> bool:
        """Whether a sentence that starts at ``start`` ends with this mark."""
        following = _NEXT.match(self._text, found.end(), min(last, found.end() + _AFTER))
        word = following["word"] if following else ""
        if not word or (word[0].islower() and not self._small):
            return False
        if found["mark"] != ".":
            return True
        parts = _LAST_WORD.search(self._text, max(start, found.start() - _BEFORE), found.start())
        if parts is None:
            return True
        known = _by_words(parts, word, first=parts.start() == start)
        if known is None:
            return self._small or self._ask(found, last)  # syntok goes by capitals
        return known

    def _ask(self, found: regex.Match[str], last: int) -> bool:
        """What syntok says of a full stop."""
        self._asked += 1
        if self._asked > _MOST_ASKED:
            return True
        begin = max(0, found.start() - _BEFORE)
        words = self._text[begin : found.start()].split()[-2:]
        before = _BRACKET.sub(" ", " ".join(words))
        after = self._text[found.end() : min(last, found.end() + _AFTER)].lstrip()
        window = f"{before}. {after.lstrip('([{')}"
        for sentence in segment(_TOKENIZER.tokenize(window)):
            end = sentence[-1].offset + len(sentence[-1].value)
            if end > len(before):
                return bool(end == len(before) + 1)
        return False


def _by_words(parts: regex.Match[str], following: str, *, first: bool) -> bool | None:
    """Whether a full stop ends a sentence, by the words around it; None: they do not say.

    Args:
        parts: the last word, after the abbreviations that lead to it.
        following: the next word, in capitals or a number.
        first: whether nothing of the sentence is before the word.
    """
    word = _ELIDED.sub("", parts[2])
    whole = "".join(parts[1].split()) + word
    starts = following.lower() in STARTERS
    if word.isdecimal():
        return _after_number(parts, following, first=first, starts=starts)
    if whole.lower() in ENDINGS:
        return True
    if first and (len(word) == 1 or _ROMAN.fullmatch(word)):
        return False  # the number of a heading or of an item
    if _UNIT.search(parts.string, max(0, parts.end() - 5), parts.end()):
        return not following[0].isdecimal()
    names = {whole.lower(), word.lower()}
    if names & LAST or _DOTTED.fullmatch(parts[0]):
        return starts and whole.lower() not in INNER
    if names & BEFORE_NUMBER and _is_reference(following):
        return False
    if names & _ALWAYS:
        return False
    if len(word) == 1 and word.isalpha():
        return starts and word.islower() and not parts[1]
    if _ROMAN.fullmatch(word) and len(word) > 1:
        return starts
    return None


def _after_number(
    parts: regex.Match[str], following: str, *, first: bool, starts: bool
) -> bool | None:
    """The same, after a number."""
    before = parts.string[max(0, parts.start() - _BEFORE) : parts.start()].split()
    word = before[-1].lower() if before else ""
    if first or word.endswith(":") or following.lower() in MONTHS | ORDERED:
        return False
    if following[0].isdecimal():
        return False if len(parts[2]) <= _LONGEST_ORDINAL else None
    return starts or len(parts[2]) > _LONGEST_ORDINAL or word not in ORDINAL


def _is_reference(word: str) -> bool:
    return word[0].isdecimal() or bool(_ROMAN.fullmatch(word)) or word.lower() in BEFORE_NUMBER


def _brackets(text: str, first: int, last: int) -> Callable[[int], bool]:
    """Tells whether a place is inside a pair of brackets that close soon."""
    waiting: dict[str, list[int]] = {opening: [] for opening in _PAIRS.values()}
    spans: list[tuple[int, int]] = []
    for found in _PAIRED.finditer(text, first, last):
        if found[0] in waiting:
            waiting[found[0]].append(found.start())
        elif waiting[_PAIRS[found[0]]]:
            opened = waiting[_PAIRS[found[0]]].pop()
            if found.start() - opened <= _MOST_BRACKETED:
                spans.append((opened, found.end()))
    outer: list[tuple[int, int]] = []
    for opened, closed in sorted(spans):
        if not outer or opened >= outer[-1][1]:
            outer.append((opened, closed))
        elif closed > outer[-1][1]:
            outer[-1] = (outer[-1][0], closed)
    opens = [opened for opened, _ in outer]

    def inside(place: int) -> bool:
        at = bisect_right(opens, place) - 1
        return at >= 0 and place < outer[at][1]

    return inside
