"""Texts to ask about: common words, which most vocabularies hold whole."""

from __future__ import annotations

import random

__all__ = ["documents", "text_of"]

_WORDS = [
    "the",
    "week",
    "was",
    "long",
    "and",
    "my",
    "card",
    "is",
    "in",
    "the",
    "parcel",
    "of",
    "days",
    "to",
    "come",
    "not",
    "it",
    "was",
    "the",
    "week",
    "of",
    "my",
    "parcel",
    "in",
    "the",
    "days",
    "is",
    "to",
    "be",
    "of",
    "and",
    "it",
    "the",
    "to",
    "in",
    "my",
    "week",
]
_MEAN, _SPREAD, _SHORTEST = 0.28, 0.7, 0.02
"""Shares of the longest: lengths as notes and letters have them, many short and few long."""


def text_of(words: int, seed: int) -> str:
    """A text of a number of words."""
    chosen = random.Random(seed)
    return " ".join(chosen.choice(_WORDS) for _ in range(words))


def documents(count: int, *, longest: int, seed: int) -> list[dict[str, str]]:
    """Requests for texts of mixed lengths, up to ``longest`` words."""
    chosen = random.Random(seed)
    lengths = [
        longest * min(1.0, max(_SHORTEST, _MEAN * chosen.lognormvariate(0, _SPREAD)))
        for _ in range(count)
    ]
    return [{"inputs": text_of(int(length), n)} for n, length in enumerate(lengths)]
