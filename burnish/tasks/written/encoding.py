"""A source as an encoder-decoder reads it: in pieces that it can read whole, none cut.

A text is written piece by piece, and what stands between the pieces, line breaks above all, is kept
as it is. A piece is a line, or a sentence where the model learned from sentences or the line is
longer than the window. A sentence that is longer still is divided between two words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import regex

from burnish.arrays import IntArray
from burnish.errors import ConfigError
from burnish.tasks.sentences import split_sentences
from burnish.tasks.tokens import TextTokens
from burnish.tasks.windows import Encoding, TextEncoder, Window

__all__ = ["SourceEncoder", "SourceEncoding", "Span", "join_pieces", "language_id"]

Span = tuple[int, int]
"""Start and end in a text, in code points."""

_Piece = tuple[Span, Encoding]
"""A piece's place, and its one window."""
_LINE = regex.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
_CODE = regex.compile(r"[a-z]{2,3}_[A-Za-z]{2,4}|__[a-z]{2,3}(?:_[A-Za-z]+)?__|>>[\w-]+<<")
"""What the vocabularies of multilingual models call a language: ``eng_Latn`` and ``en_XX``,
``__en__``, ``>>swa<<`` (NLLB and mBART, M2M-100, Marian)."""


@dataclass(frozen=True, slots=True, eq=False)
class SourceEncoding(Encoding):
    """A source with its pieces: a window each, and nothing of one window is in another."""

    pieces: tuple[Span, ...]
    """Where each window's piece begins and ends in the source."""
    encoder: TextEncoder
    """The tokenizer, which also turns what is written into text."""


class SourceEncoder:
    """Divides sources and marks their language. Safe to share between threads."""

    def __init__(self, encoder: TextEncoder, *, language: str | None, by_sentence: bool) -> None:
        """Look the language up.

        Args:
            encoder: the tokenizer, with the window.
            language: the token that marks a source's; None where the model needs none.
            by_sentence: divide every text into sentences.

        Raises:
            ConfigError: the tokenizer has no such token.
        """
        self._encoder = encoder
        self._by_sentence = by_sentence
        self._language = None if language is None else language_id(encoder, language)
        blank = encoder.encode("a").windows[0]
        marked = self._marked(blank.input_ids)
        self._added = len(marked) - len(blank)

    def encode(self, text: str) -> SourceEncoding:
        """The pieces of a text; those in which the tokenizer sees nothing are left out."""
        found = [(span, each) for span, each in self._pieces(text) if each.tokens]
        windows: list[Window] = []
        for _, each in found:
            begin = windows[-1].stop if windows else 0
            window = each.windows[0]
            ids = self._marked(window.input_ids)
            windows.append(
                replace(
                    window,
                    input_ids=ids,
                    token_type_ids=np.zeros(len(ids), np.int64),
                    start=begin,
                    stop=begin + each.tokens,
                    prefix=window.prefix + (self._added and 1),
                )
            )
        nothing = TextTokens.of(())
        return SourceEncoding(
            tokens=sum(each.tokens for _, each in found),
            unknown=sum(each.unknown for _, each in found),
            offsets=nothing.offsets,
            words=nothing.words,
            windows=tuple(windows),
            pieces=tuple(span for span, _ in found),
            encoder=self._encoder,
        )

    def whole(self, text: str) -> Window | None:
        """The text in one window; None where it is longer than one, or shows the model nothing."""
        found = self._encoder.encode(text, offsets=False)
        if not found.tokens or not self._fits(found):
            return None
        ids = self._marked(found.windows[0].input_ids)
        return replace(found.windows[0], input_ids=ids, token_type_ids=np.zeros(len(ids), np.int64))

    def _fits(self, found: Encoding) -> bool:
        room = self._encoder.max_length - self._added
        return len(found.windows) == 1 and len(found.windows[0]) <= room

    def _read(self, text: str, span: Span) -> Encoding | None:
        """The encoding of a stretch; None where it is longer than the window."""
        found = self._encoder.encode(text[slice(*span)], offsets=False)
        return found if self._fits(found) else None

    def _pieces(self, text: str) -> Iterator[_Piece]:
        for line in _LINE.finditer(text):
            if (span := _trimmed(text, line.span())) is None:
                continue
            whole = None if self._by_sentence else self._read(text, span)
            if whole is not None:
                yield span, whole
            else:
                yield from self._sentences(text, span)

    def _sentences(self, text: str, line: Span) -> Iterator[_Piece]:
        """The sentences of a line; as many together as fit, unless each is to stand alone."""
        group: list[_Piece] = []
        room = self._encoder.max_length - self._added
        for begin, end in split_sentences(text[slice(*line)]):
            span = line[0] + begin, line[0] + end
            alone = self._read(text, span)
            taken = sum(len(each.windows[0]) for _, each in group)  # the special tokens too often
            if alone is None or self._by_sentence or taken + len(alone.windows[0]) > room:
                yield from self._together(text, group)
                group = []
            if alone is None:
                yield from self._parts(text, span)
            else:
                group.append((span, alone))
        yield from self._together(text, group)

    def _together(self, text: str, group: Sequence[_Piece]) -> Iterator[_Piece]:
        """Neighbours as one piece, where their tokens together are not more than apart."""
        if len(group) > 1:
            span = group[0][0][0], group[-1][0][1]
            if (found := self._read(text, span)) is not None:
                yield span, found
                return
        yield from group

    def _parts(self, text: str, span: Span) -> Iterator[_Piece]:
        """A sentence that is longer than the window, divided before a word if possible."""
        found = self._encoder.encode(text[slice(*span)])
        room = max(1, found.windows[0].stop - found.windows[0].start - self._added - 1)
        starts = found.offsets[:, 0]
        begin = 0
        while begin < found.tokens:
            stop = min(begin + room, found.tokens)
            if stop < found.tokens:
                stop = _before_a_word(text, span[0], starts, begin, stop)
            end = span[1] if stop == found.tokens else span[0] + int(starts[stop])
            part = _trimmed(text, (span[0] + int(starts[begin]), end))
            if part is not None:
                yield from self._halved(text, part)
            begin = stop

    def _halved(self, text: str, span: Span) -> Iterator[_Piece]:
        """A part whose tokens are more than they were in the whole sentence is halved."""
        found = self._encoder.encode(text[slice(*span)], offsets=False)
        if self._fits(found) or span[1] - span[0] < 2:
            yield span, found
            return
        middle = sum(span) // 2
        yield from self._halved(text, (span[0], middle))
        yield from self._halved(text, (middle, span[1]))

    def _marked(self, ids: IntArray) -> IntArray:
        """The ids with the language instead of the tokenizer's own, or before them."""
        if self._language is None:
            return ids
        for place in (0, len(ids) - 1):
            if _CODE.fullmatch(self._encoder.token_of(int(ids[place]))):
                changed = ids.copy()
                changed[place] = self._language
                return changed
        return np.concatenate([[self._language], ids])


def language_id(encoder: TextEncoder, code: str) -> int:
    """The id of the token that marks a language.

    Raises:
        ConfigError: the tokenizer has no such token.
    """
    found = encoder.id_of(code)
    if found is None:
        known = sorted(encoder.ids_like(_CODE))
        near = ", ".join(known[:8])
        raise ConfigError(
            f"the base model's tokenizer has no token {code!r} for a language",
            f"it has {near}, …" if known else "leave the language out: this model knows one pair",
        )
    return found


def _before_a_word(text: str, base: int, starts: IntArray, begin: int, stop: int) -> int:
    """The last token up to ``stop`` that white space stands before; ``stop`` where none does."""
    for place in range(stop, begin, -1):
        at = base + int(starts[place])
        if text[at : at + 1].isspace() or text[at - 1 : at].isspace():
            return place
    return stop


def _trimmed(text: str, span: Span) -> Span | None:
    """A stretch without the white space around it; None where nothing is left."""
    part = text[slice(*span)]
    begin = span[0] + len(part) - len(part.lstrip())
    end = span[0] + len(part.rstrip())
    return (begin, end) if begin < end else None


def join_pieces(text: str, pieces: Sequence[Span], written: Sequence[str]) -> str:
    """What was written for each piece, with what stands between the pieces in the source."""
    parts: list[str] = []
    last = 0
    for (begin, end), each in zip(pieces, written, strict=True):
        parts += [text[last:begin], each]
        last = end
    return "".join([*parts, text[last:]])
