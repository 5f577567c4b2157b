"""Units: the parts of a text that an answer may not cut.

A tokenizer's word pieces are joined again if they form one run of letters and digits, so that an
entity or an answer never ends inside a word. So are the pieces of one character, which byte-level
tokenizers make, and an accent that follows its letter. In scripts without spaces, or whose
particles join the word, pieces stay apart. Ends are moved outwards to grapheme borders (Unicode
Standard Annex 29), so that no accent is split from its letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import regex

from burnish.tasks.windows import Encoding

__all__ = ["snap_to_graphemes", "trim_space", "unit_starts"]

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # CJK radicals to unified ideographs, kana
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),  # CJK compatibility ideographs
    (0x20000, 0x3FFFF),  # CJK extensions
)
_GRAPHEME = regex.compile(r"\X")
_LOOK_BACK = 256
_PART = 16_384


def unit_starts(text: str, encoding: Encoding) -> npt.NDArray[np.int64]:
    """Indices of the tokens that begin a unit, ascending; the first is 0.

    Returns:
        (units,); empty for a text without tokens.
    """
    starts = []
    last_end, last_word = -1, -1
    for index, (start, end, word) in enumerate(_places(encoding)):
        joined = index > 0 and (
            start < last_end  # within a character that the token before has begun
            or (
                0 < start < len(text)
                and _touch(text, last_end, start)
                and _joins(text[start - 1], text[start], same_word=word == last_word)
            )
        )
        if not joined:
            starts.append(index)
        last_end, last_word = max(last_end, end), word
    return np.array(starts, dtype=np.int64)


def _places(encoding: Encoding) -> Iterator[tuple[int, int, int]]:
    """Start, end and word of each token; a part at a time, as Python's numbers are large."""
    for begin in range(0, encoding.tokens, _PART):
        part = slice(begin, begin + _PART)
        starts, ends = encoding.offsets[part].T.tolist()
        yield from zip(starts, ends, encoding.words[part].tolist(), strict=True)


def snap_to_graphemes(text: str, start: int, end: int) -> tuple[int, int]:
    """Drop white space at both ends, then widen to whole graphemes."""
    start, end = trim_space(text, start, end)
    if text.isascii() or start == end:
        return start, end
    # Segment from a near place, not from the begin of what may be a million characters: a space
    # begins a grapheme, and where there is none the rules find their feet within a few letters.
    near = max(start - _LOOK_BACK, text.rfind(" ", 0, start), 0)
    for match in _GRAPHEME.finditer(text, near):
        if match.start() <= start < match.end():
            start = match.start()
        if match.end() >= end:
            return start, match.end()
    return start, end


def trim_space(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the white space at its edges."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _touch(text: str, end: int, start: int) -> bool:
    """Whether nothing stands between two tokens but accents that the tokenizer has dropped."""
    return start == end or (_is_mark(text[start - 1]) and all(map(_is_mark, text[end:start])))


def _joins(left: str, right: str, *, same_word: bool) -> bool:
    if _is_mark(right):
        return True
    # Byte-level tokenizers part words at accents too.
    begun = (same_word and left.isalnum()) or _is_mark(left)
    return begun and right.isalnum() and not (_unspaced(left) or _unspaced(right))


def _is_mark(character: str) -> bool:
    """Whether it continues the letter before it; the (zero-width) joiners are of that kind."""
    return character > "\u02ff" and (
        character in "\u200c\u200d" or unicodedata.category(character)[0] == "M"
    )


def _unspaced(character: str) -> bool:
    code = ord(character)
    return code >= 0x0E00 and any(low <= code <= high for low, high in _UNSPACED)
