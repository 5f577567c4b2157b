"""Words, sentences and stretches of a text in any language.

The most frequent words of the texts are taken for function words. A stretch is a run of other
words, and may be what a question asks for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

__all__ = ["Shape", "Stretch", "Wording", "sentences", "shape_of", "words"]

Shape = Literal["number", "name", "other"]
Stretch = tuple[int, int]
"""Start and end in a text, in code points."""

_WORD = re.compile(r"\w+(?:[-'\u2019.,]\w+)*")
_BREAK = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[\u3002\uff01\uff1f])(?=.)", re.DOTALL)
_COMMON = 120
"""How many of the most frequent words are taken for function words."""


def words(text: str) -> list[str]:
    """The words, without punctuation and spaces."""
    return _WORD.findall(text)


def sentences(text: str) -> list[Stretch]:
    """The places of the sentences, roughly."""
    breaks = list(_BREAK.finditer(text))
    starts = [0, *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(text)]
    return list(zip(starts, ends, strict=True))


def shape_of(text: str) -> Shape:
    """The form of a stretch: an answer of one form is exchanged for another of the same."""
    if any(character.isdigit() for character in text):
        return "number"
    found = words(text)
    capitals = sum(word[0].isupper() for word in found)
    return "name" if found and 2 * capitals >= len(found) else "other"


class Wording:
    """The common words of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = Counter(word.lower() for text in texts for word in words(text))
        self._common = frozenset(word for word, _ in counts.most_common(_COMMON))

    def common(self, word: str) -> bool:
        """Whether a word is one of the most frequent."""
        return word.lower() in self._common

    def stretches(self, text: str) -> list[Stretch]:
        """Runs of words that are not common, without punctuation between them."""
        found: list[Stretch] = []
        open_run = False
        last_end = 0
        for match in _WORD.finditer(text):
            if self.common(match.group()):
                open_run = False
            elif open_run and not text[last_end : match.start()].strip():
                found[-1] = (found[-1][0], match.end())
            else:
                found.append(match.span())
                open_run = True
            last_end = match.end()
        return found
