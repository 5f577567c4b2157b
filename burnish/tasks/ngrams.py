"""Words of a text as summaries are compared by them, and their n-grams."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

import regex

__all__ = ["ngrams", "replace_words", "tokens"]

_TOKEN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\u30fc\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}&&\p{L}]\p{M}*"
    r"|(?:[[\p{L}\p{N}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}\u30fc\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]])+",
    regex.VERSION1,
)


def tokens(text: str) -> list[str]:
    """The words in lower case, without punctuation, in Unicode's form NFC.

    A character of a script that writes no spaces between words (Chinese, Japanese, Thai, Lao,
    Khmer, Burmese) is a word.
    """
    return _TOKEN.findall(unicodedata.normalize("NFC", text.lower()))


def replace_words(text: str, new: Callable[[str], str]) -> str:
    """The text in NFC, each of its words replaced; all that is between them stays.

    Args:
        text: any.
        new: from a word, as it is written, to another.
    """
    return _TOKEN.sub(lambda word: new(word[0]), unicodedata.normalize("NFC", text))


def ngrams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    """How often each run of ``size`` words occurs."""
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))
