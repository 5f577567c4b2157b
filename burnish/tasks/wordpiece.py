"""BERT's tokenization of plain text, a word at a time: one look-up where a word is one token.

The library walks over every character of a text for its normalizer, its pre-tokenizer and its
model. Yet nearly every character of European texts becomes one character, whatever stands beside
it, and belongs to a word, stands alone or parts words. Which of these each one does, the library
is asked once, when a tokenizer is loaded; then a text is cut by one regular expression, and a word
is looked up. Words that are no token by themselves are still divided by the library's model, and
a text with any other character is the library's whole. Ids, offsets and words are the library's
own (`tests/core/tasks/test_wordpiece.py` compares them), four to seven times as soon
(`python -m tests.benchmarks.tokenizing`). Nothing is remembered of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["PlainWordPiece", "Tokens"]

_CANDIDATES = (
    range(0x180),
    range(0x2010, 0x2028),
    range(0x2030, 0x205F),
    range(0x20AC, 0x20AD),
)
"""Latin letters with and without accents, punctuation, and the sign of the euro."""
_MOST_ADDED = 16
"""Added tokens are searched for in every text."""


class Tokens(NamedTuple):
    """A tokenized text, without special tokens."""

    ids: list[int]
    offsets: list[tuple[int, int]]
    """Start and end of each token in the text, in Unicode code points."""
    words: list[int]
    """The index of each token's word; -1 where it belongs to none."""


@dataclass(frozen=True, slots=True)
class _Characters:
    """What the library makes of single characters."""

    becomes: dict[int, str]
    """Of each plain one."""
    joins: str
    alone: str

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> _Characters:
        becomes, joins, alone = dict[int, str](), list[str](), list[str]()
        for code in chain(*_CANDIDATES):
            character = chr(code)
            new = tokenizer.normalizer.normalize_str(f"a{character}a")[1:-1]
            if len(new) != 1:
                continue
            becomes[code] = new
            parts = [part for part, _ in tokenizer.pre_tokenizer.pre_tokenize_str(f"a{new}a")]
            if len(parts) == 1:
                joins.append(new)
            elif len(parts) == 3:
                alone.append(new)
        return cls(becomes, _class_of(joins), _class_of(alone))


@dataclass(frozen=True, slots=True, eq=False)
class PlainWordPiece:
    """The words of a vocabulary, and the library's model for those that are not in it."""

    _words: dict[str, int]
    _model: WordPiece
    _characters: _Characters
    _is_plain: re.Pattern[str]
    _pieces: re.Pattern[str]
    _lowercase: bool
    _added: tuple[str, ...]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> PlainWordPiece | None:
        """That of a tokenizer; None where it is not BERT's, or has many tokens of its user's."""
        normalizer, model = tokenizer.normalizer, tokenizer.model
        added = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
        if not (
            isinstance(normalizer, BertNormalizer)
            and isinstance(tokenizer.pre_tokenizer, BertPreTokenizer)
            and isinstance(model, WordPiece)
            and len(added) <= _MOST_ADDED
            and all(content.isascii() and not re.search(r"\s", content) for content in added)
        ):
            return None
        characters = _Characters.of(tokenizer)
        pieces = re.compile(f"[{characters.joins}]+|[{characters.alone}]")
        vocabulary = tokenizer.get_vocab(with_added_tokens=False)
        longest = model.max_input_chars_per_word
        return cls(
            {word: number for word, number in vocabulary.items() if len(word) <= longest},
            model,
            characters,
            re.compile(f"[{_class_of(map(chr, characters.becomes))}]*"),
            pieces,
            normalizer.lowercase,
            tuple(content.lower() if normalizer.lowercase else content for content in added),
        )

    def ids(self, text: str) -> list[int] | None:
        """The token ids of a text, without special tokens; None where the text is not plain."""
        plain = self._normalized(text)
        if plain is None:
            return None
        pieces: list[str] = self._pieces.findall(plain)
        found = [self._words.get(piece) for piece in pieces]
        ids: list[int] = []
        for piece, number in zip(pieces, found, strict=True):
            if number is None:
                ids += [token.id for token in self._model.tokenize(piece)]
            else:
                ids.append(number)
        return ids

    def tokens(self, text: str) -> Tokens | None:
        """As `ids`, and each token's start and end in the text, and its word's index."""
        plain = self._normalized(text)
        if plain is None:
            return None
        ids, offsets, words = list[int](), list[tuple[int, int]](), list[int]()
        for word, match in enumerate(self._pieces.finditer(plain)):
            number = self._words.get(match[0])
            if number is not None:
                ids.append(number)
                offsets.append(match.span())
                words.append(word)
                continue
            for number, first, last in self._divide(match[0]):
                ids.append(number)
                offsets.append((match.start() + first, match.start() + last))
                words.append(word)
        return Tokens(ids, offsets, words)

    def _divide(self, word: str) -> Iterator[tuple[int, int, int]]:
        """Id, first and last character of each token; the model counts in bytes."""
        content = word.encode()
        for token in self._model.tokenize(word):
            first, last = (len(content[:position].decode()) for position in token.offsets)
            yield token.id, first, last

    def _normalized(self, text: str) -> str | None:
        """The text as the model sees it, as long as it was; None where it is not plain."""
        if not self._is_plain.fullmatch(text):
            return None
        if not text.isascii():
            plain = text.translate(self._characters.becomes)
        else:
            plain = text.lower() if self._lowercase else text
        return None if any(content in plain for content in self._added) else plain


def _class_of(characters: Iterator[str] | list[str]) -> str:
    return "".join(map(re.escape, characters))
