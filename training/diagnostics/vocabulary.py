"""How a base's tokenizer reads a field's words, and what to do about it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from burnish.errors import DataError

from .word_counts import MOST_BYTES, Word, WordCounts

__all__ = ["Advice", "Reading", "Term", "Words", "advise", "read_words"]

SHOWN_TERMS = 100
_AS_IT_IS, _FAR = 0.10, 0.35
"""Shares of split words. On 1,500 texts each, MiniLM splits 0.03 to 0.09 of the words of general
English and of contracts, 0.17 of medical abstracts, and 0.59 to 0.75 of German, OCRed Dutch, Hausa
and Swahili (docs/how-to/pretrain.md)."""
_UNKNOWN = 0.02
"""Share of tokens that the tokenizer does not know at all."""
_CONCENTRATED = 0.3
"""Share of the split words that the most split terms make up, from which adding them helps."""


class Advice(StrEnum):
    """What to do with a base for these texts."""

    AS_IT_IS = "tune as it is"
    ADAPT = "adapt"
    ADD = "add tokens and adapt"
    OTHER = "another base"


@dataclass(frozen=True, slots=True)
class Term:
    """A word that the tokenizer splits."""

    word: str
    """As the tokenizer normalizes it."""
    count: int
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a tokenizer reads texts."""

    words: int
    """Running words: those with a letter."""
    different: int
    """Different words; an estimate, within 2 %, where ``uncounted`` is not 0."""
    tokens_a_word: float
    split: float
    """Share of the words that become several tokens."""
    unknown: float
    """Share of tokens that the tokenizer does not know."""
    concentrated: float
    """Share of the split words that the ``terms`` make up."""
    terms: tuple[Term, ...]
    """Those that cost most additional tokens, the most first."""
    uncounted: int = 0
    """Where there are too many different words to keep them all, the rarest are dropped: a term
    may occur this often more than its ``count``. 0 where all words were kept."""

    def to_json(self) -> dict[str, Any]:
        """For a machine."""
        return asdict(self)


@dataclass(slots=True)
class _Sums:
    """What words add up to."""

    words: int = 0
    tokens: int = 0
    unknown: int = 0
    split: int = 0


class Words:
    """The words of texts, as a tokenizer tells them apart, in bounded memory.

    What words add up to is exact for texts of any size. Single words are kept as long as there is
    room for them, the most frequent longest (`WordCounts`).

    Args:
        tokenizer_json: of a base.
        most_bytes: room for different words.
    """

    def __init__(self, tokenizer_json: Path, *, most_bytes: int = MOST_BYTES) -> None:
        tokenizer = Tokenizer.from_file(str(tokenizer_json))
        self._normalizer, self._splitter = tokenizer.normalizer, tokenizer.pre_tokenizer
        self._model: Any = tokenizer.model
        self._unknown_token = getattr(self._model, "unk_token", None)
        self._dropped = _Sums()
        self._counts = WordCounts(self._drop, most_bytes=most_bytes)

    def add(self, text: str) -> None:
        """Count a text's words."""
        plain = text if self._normalizer is None else self._normalizer.normalize_str(text)
        parts = [(plain, (0, len(plain)))]
        if self._splitter is not None:
            parts = self._splitter.pre_tokenize_str(plain)
        for unit, (begin, end) in parts:
            shown = plain[begin:end].strip()
            if any(map(str.isalpha, shown)):
                self._counts.add((unit, shown))

    def read(self) -> Reading:
        """What all texts so far have.

        Raises:
            DataError: they have no word.
        """
        sums = replace(self._dropped)
        for (unit, _), count in self._counts.items():
            self._add_to(sums, unit, count)
        if not sums.words:
            raise DataError("the texts have no word", "give texts with letters in them")
        most = tuple(self.terms())
        return Reading(
            words=sums.words,
            different=self._counts.different,
            tokens_a_word=sums.tokens / sums.words,
            split=sums.split / sums.words,
            unknown=sums.unknown / max(1, sums.tokens),
            concentrated=sum(term.count for term in most) / max(1, sums.split),
            terms=most,
            uncounted=self._counts.uncounted,
        )

    def terms(self, most: int = SHOWN_TERMS, *, fewest: int = 1) -> list[Term]:
        """The words that are split, those first that cost most additional tokens.

        Args:
            most: how many, at most.
            fewest: times that a word must have been counted.
        """
        return heapq.nsmallest(
            most,
            self._split_words(fewest),
            key=lambda term: (-term.count * (len(term.pieces) - 1), term.word),
        )

    def _split_words(self, fewest: int) -> Iterator[Term]:
        for (unit, shown), count in self._counts.items():
            if count >= fewest:
                pieces = self._pieces(unit)
                if len(pieces) > 1:
                    yield Term(shown, count, pieces)

    def _pieces(self, unit: str) -> tuple[str, ...]:
        return tuple(each.value for each in self._model.tokenize(unit))

    def _add_to(self, sums: _Sums, unit: str, count: int) -> None:
        pieces = self._pieces(unit)
        sums.words += count
        sums.tokens += count * len(pieces)
        sums.unknown += count * pieces.count(self._unknown_token)
        sums.split += count * (len(pieces) > 1)

    def _drop(self, word: Word, count: int) -> None:
        self._add_to(self._dropped, word[0], count)


def read_words(tokenizer_json: Path, texts: Iterable[str]) -> Reading:
    """How a tokenizer reads texts.

    Raises:
        DataError: they have no word.
    """
    words = Words(tokenizer_json)
    for text in texts:
        words.add(text)
    return words.read()


def advise(found: Reading) -> tuple[Advice, str]:
    """What to do, and why."""
    if found.unknown > _UNKNOWN:
        return Advice.OTHER, (
            f"{100 * found.unknown:.1f} % of the tokens are unknown to it: it cannot read this "
            "writing, and no training gives it the tokens"
        )
    share = f"{100 * found.split:.0f} % of the words are split"
    if found.split > _FAR:
        return Advice.OTHER, (
            f"{share}, as when a base reads a language that it was not made for: choose one that "
            "was pre-trained on the language of the texts"
        )
    if found.split <= _AS_IT_IS:
        return Advice.AS_IT_IS, f"{share}, hardly more than of general text"
    if found.concentrated >= _CONCENTRATED:
        return Advice.ADD, (
            f"{share}, and {100 * found.concentrated:.0f} % of these are the {len(found.terms)} "
            "most split terms: they are worth tokens of their own"
        )
    return Advice.ADAPT, (
        f"{share}, many different ones: the base reads them in pieces, and learns by reading what "
        "the pieces mean together"
    )
