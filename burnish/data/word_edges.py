"""Word edges: whether a span begins and ends where words do."""

from __future__ import annotations

import regex

__all__ = ["cuts_word", "on_words"]

_UNSPACED = regex.compile(
    r"[\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
)


def cuts_word(text: str, at: int) -> bool:
    """Whether two letters, or two digits, are on both sides of an offset.

    Never between letters of scripts that are written without spaces.
    """
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    joined = (left.isalpha() and right.isalpha()) or (left.isdecimal() and right.isdecimal())
    return joined and not (_UNSPACED.match(left) or _UNSPACED.match(right))


def on_words(text: str, start: int, end: int) -> bool:
    """Whether a span lies in the text, has no white space at its edges, and cuts no word."""
    if not 0 <= start < end <= len(text) or text[start].isspace() or text[end - 1].isspace():
        return False
    return not (cuts_word(text, start) or cuts_word(text, end))
