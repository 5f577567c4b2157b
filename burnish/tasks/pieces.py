"""Where a long text may be cut, so that its pieces have the tokens of the whole, place for place.

The library keeps some 300 to 600 bytes for each token of a text until the whole is tokenized. In
pieces, it keeps them for one piece. A cut is exact where the tokenizer forgets what came before:

- The pre-tokenizer begins a new word there, whatever stands around. Only pipelines are cut whose
  parts are known to look at neighbouring characters alone, and only at plain places: between a
  visible character and a space, or between two that BERT isolates (punctuation, ideographs).
- No token of its own that may hold white space is searched for in the text.
- Both halves of the neighbourhood, tokenized alone, give the tokens of the neighbourhood: for
  several begins of it, so that counting in twos or threes from afar would show.

Where no such place is found, the piece goes on; a text without any is one piece.
`tests/core/tasks/test_pieces.py` compares ids, offsets and words over hostile Unicode.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tokenizers.models import BPE, Unigram, WordLevel, WordPiece

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

__all__ = ["PIECE_CHARACTERS", "Cutter"]

PIECE_CHARACTERS = 16_384
"""A piece ends at the last good place before this many; where there is none, at the next."""

_NEAR = 192
_SHIFTS = (0, 1, 2, 5)
"""Characters by which the neighbourhood of a cut begins earlier: no common period but 1."""
_MOST_TRIES = 32
"""Places that are tried for one cut. Where the pipeline does not cut, hardly any ever holds."""
_LONGEST_ADDED = 64

_PUNCTUATION = r"!-/:-@\[-`{-~"
_PLAIN = rf"[\w{_PUNCTUATION}]"
_ISOLATED = rf"[{_PUNCTUATION}\u3400-\u4dbf\u4e00-\u9fff]"
_PLACE = re.compile(rf"(?<={_PLAIN})(?=[ \n]{_PLAIN})|(?<={_ISOLATED})(?={_ISOLATED})")

_SPLITTING = frozenset({"BertPreTokenizer", "Whitespace", "WhitespaceSplit"})
_BESIDE = frozenset({"Punctuation", "Digits", "ByteLevel", "UnicodeScripts"}) | _SPLITTING
_NORMALIZERS = frozenset(
    {
        "BertNormalizer",
        "Lowercase",
        "NFC",
        "NFD",
        "NFKC",
        "NFKD",
        "Nmt",
        "Precompiled",
        "StripAccents",
    }
)
_RUNS_OF_SPACES = {"Regex": " {2,}"}
"""The one pattern that SentencePiece's converters replace."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutter:
    """Finds the places of one tokenizer."""

    _tokenizer: Tokenizer
    _cuts: bool
    """Whether the pipeline is one that may be cut."""

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> Cutter:
        """That of a tokenizer."""
        return cls(tokenizer, _may_be_cut(tokenizer))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Begin and end of each piece, in order; together they are the text."""
        begin = 0
        while len(text) - begin > PIECE_CHARACTERS and self._cuts:
            end = self._end(text, begin)
            if end is None:
                break
            yield begin, end
            begin = end
        yield begin, len(text)

    def longest(self, text: str) -> int:
        """Characters of the longest piece, by the places that may do: nothing is tokenized."""
        if not self._cuts:
            return len(text)
        begin, longest = 0, 0
        while len(text) - begin > PIECE_CHARACTERS:
            end = next(_places(text, begin), len(text))
            longest, begin = max(longest, end - begin), end
        return max(longest, len(text) - begin)

    def _end(self, text: str, begin: int) -> int | None:
        for number, place in enumerate(_places(text, begin)):
            if number == _MOST_TRIES:
                return None
            if all(self._joins(text, place, shift) for shift in _SHIFTS):
                return place
        return None

    def _joins(self, text: str, place: int, shift: int) -> bool:
        """Whether the tokens around a place are those of its two sides."""
        first = max(0, place - _NEAR - shift)
        whole, left, right = (
            self._tokenizer.encode(part, add_special_tokens=False)
            for part in (
                text[first : place + _NEAR],
                text[first:place],
                text[place : place + _NEAR],
            )
        )
        count, size = len(left.ids), place - first
        return (
            0 < count < len(whole.ids)
            and whole.ids == left.ids + right.ids
            and whole.offsets == left.offsets + [(a + size, b + size) for a, b in right.offsets]
            and _begins(whole) == _begins(left) + [n + count for n in _begins(right)]
        )


def _begins(encoding: Encoding) -> list[int]:
    """The tokens that begin a word."""
    words = encoding.word_ids
    return [n for n, word in enumerate(words) if n == 0 or word is None or word != words[n - 1]]


def _places(text: str, begin: int) -> Iterator[int]:
    """Places for the end of a piece: the last ones before its size, then the next ones after it."""
    half, full = begin + PIECE_CHARACTERS // 2, begin + PIECE_CHARACTERS
    for near in range(full, half, -512):
        inside = [match.start() for match in _PLACE.finditer(text, near - 512, near)]
        yield from reversed(inside[-4:])
    for match in _PLACE.finditer(text, full):
        yield match.start()


def _may_be_cut(tokenizer: Tokenizer) -> bool:
    model = tokenizer.model
    added = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    return (
        isinstance(model, WordPiece | WordLevel | BPE | Unigram)
        and not getattr(model, "dropout", None)
        and all(len(each) <= _LONGEST_ADDED and not re.search(r"[\s▁]", each) for each in added)
        and (tokenizer.normalizer is None or _is_local(_state(tokenizer.normalizer)))
        and tokenizer.pre_tokenizer is not None
        and _splits(_state(tokenizer.pre_tokenizer))
    )


def _state(part: Any) -> dict[str, Any]:
    """A part of the pipeline as ``tokenizer.json`` has it; empty for one written in Python."""
    try:
        found = json.loads(part.__getstate__())
    except Exception:  # noqa: BLE001  the library's own, of no common base
        return {}
    return found if isinstance(found, dict) else {}


def _is_local(normalizer: dict[str, Any]) -> bool:
    """Whether what it makes of a character depends on its neighbours at most."""
    if normalizer.get("type") == "Sequence":
        return all(map(_is_local, normalizer.get("normalizers", ())))
    if normalizer.get("type") == "Replace":
        pattern = normalizer.get("pattern", {})
        return pattern == _RUNS_OF_SPACES or len(pattern.get("String", "  ")) == 1
    return normalizer.get("type") in _NORMALIZERS


def _splits(pre_tokenizer: dict[str, Any]) -> bool:
    """Whether every space begins a word or stands between two."""
    parts = pre_tokenizer.get("pretokenizers", [pre_tokenizer])
    return any(map(_splits_at_spaces, parts)) and all(
        part.get("type") in _BESIDE or part.get("type") == "Metaspace" for part in parts
    )


def _splits_at_spaces(part: dict[str, Any]) -> bool:
    kind = part.get("type")
    return (
        kind in _SPLITTING
        or (kind == "ByteLevel" and part.get("use_regex", True))
        or (kind == "Metaspace" and part.get("split", True))
    )
