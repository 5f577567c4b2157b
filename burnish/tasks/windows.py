"""Text to windows: a text of any length becomes token windows that a model can read, none cut.

The whole text is tokenized once, without truncation; a long one in pieces that give the tokens of
the whole (`burnish.tasks.pieces`). A text longer than the window is read in overlapping windows;
the last one is flush with the end, so that every window of a long text is full. The same code
encodes for training, verification and serving.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import regex
from tokenizers import Encoding as LibraryEncoding
from tokenizers import Tokenizer

from burnish.arrays import FloatArray, IntArray
from burnish.errors import InputError, QuestionTooLongError, TextTooLongError

from .pieces import Cutter
from .templates import Around, pair_template, single_template
from .tokens import TextTokens, joined

__all__ = ["Encoding", "TextEncoder", "Window", "by_window", "merge_windows", "unknown_id"]


_LONG_CHARACTERS = 2048
_MOST_READINGS = 4
"""In how many windows a token stands at most, near enough. With a question of up to a third of the
window even the largest overlap asks for fewer."""

_CHARACTER_BYTES = 64
"""Ids, offsets and words of a token, at a token per character, twice: pieces and the whole."""
_PIECE_BYTES = 600
"""What the library and Python's lists hold for each character of a piece, while it is tokenized:
measured on BERT's, RoBERTa's and XLM-R's pipelines, at a token per character."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """One model input, unpadded."""

    input_ids: IntArray
    """(length,) token ids with special tokens."""
    token_type_ids: IntArray
    """(length,) segment ids."""
    start: int
    """Index, among the text's tokens, of the first one in this window."""
    stop: int
    """Index after the last one."""
    prefix: int
    """How many tokens (special ones, the question) stand before the first text token."""

    def __len__(self) -> int:
        return len(self.input_ids)


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A tokenized text and its windows."""

    tokens: int
    """How many tokens the text has, without special tokens and without overlaps."""
    unknown: int
    """How many of them the tokenizer does not know."""
    offsets: IntArray
    """(tokens, 2) start and end of each token in the text, in Unicode code points; (0, 2) where
    they were not asked for."""
    words: IntArray
    """(tokens,) the tokenizer's word index of each token; (0,) without offsets."""
    windows: tuple[Window, ...]


class TextEncoder:
    """A tokenizer with its windowing. Safe to share between threads: nothing is set after init."""

    def __init__(self, tokenizer: Tokenizer, *, max_length: int, stride: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._cutter = Cutter.of(tokenizer)
        self._unknown = unknown_id(tokenizer)
        self._single = single_template(tokenizer)
        self._alone = self._single.around()
        self._pair = pair_template(tokenizer)
        self.max_length = max_length
        self.stride = stride

    @classmethod
    def from_file(cls, path: Path, *, max_length: int, stride: int) -> TextEncoder:
        """Read a ``tokenizer.json``."""
        return cls(Tokenizer.from_file(str(path)), max_length=max_length, stride=stride)

    @classmethod
    def from_bytes(cls, content: bytes, *, max_length: int, stride: int) -> TextEncoder:
        """Read the content of a ``tokenizer.json``."""
        return cls(Tokenizer.from_buffer(content), max_length=max_length, stride=stride)

    def encode(self, text: str, *, offsets: bool = True) -> Encoding:
        """Tokenize one text into one window or more.

        Args:
            text: the text.
            offsets: say where each token stands; half as long again.
        """
        return self._windows(self._tokens(text, offsets=offsets), self._alone)

    def ids(self, text: str) -> list[int]:
        """The token ids of a text, without special tokens."""
        found: list[int] = self._tokens(text, offsets=False).ids.tolist()
        return found

    def text_of(self, ids: Sequence[int]) -> str:
        """The text of token ids; special tokens are left out."""
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def id_of(self, token: str) -> int | None:
        """The id of a token by its name; None where the vocabulary lacks it."""
        found: int | None = self._tokenizer.token_to_id(token)
        return found

    def token_of(self, number: int) -> str:
        """The name of a token by its id; empty where there is none."""
        return self._tokenizer.id_to_token(number) or ""

    def ids_like(self, pattern: regex.Pattern[str]) -> dict[str, int]:
        """The vocabulary's tokens whose whole name a pattern matches, with their ids."""
        vocabulary = self._tokenizer.get_vocab(with_added_tokens=True)
        return {name: each for name, each in vocabulary.items() if pattern.fullmatch(name)}

    def encode_pair(self, question: str, context: str) -> Encoding:
        """Tokenize a question and its context: every window holds the whole question.

        Raises:
            QuestionTooLongError: the question leaves less than half a window to the context.
            InputError: the question makes no token.
        """
        question_ids = self._tokens(question, offsets=False).ids.tolist()
        if not question_ids:
            raise InputError(
                "the model sees no word in this question",
                "send a question with visible characters",
            )
        if len(question_ids) > self.max_length // 2:
            raise QuestionTooLongError(
                f"the question has {len(question_ids)} tokens, more than half of the model's "
                f"window of {self.max_length}",
                "ask a shorter question, or train with a larger max_length",
            )
        return self._windows(
            self._tokens(context, offsets=True), self._pair.around(first=question_ids)
        )

    def encode_texts(self, first: str, second: str, *, apart: bool = False) -> Encoding:
        """Tokenize two texts: every window holds the shorter one whole.

        The encoding counts the tokens of both; a window's place is one in the longer text.

        Args:
            first: the first text.
            second: the second one.
            apart: give each text special tokens of its own, for a model that reads it alone.

        Raises:
            TextTooLongError: the shorter text leaves less than half a window to the other.
            InputError: one of the two makes no token.
        """
        texts = [self._tokens(text, offsets=False) for text in (first, second)]
        for place, text in zip(("first", "second"), texts, strict=True):
            if not len(text.ids):
                raise InputError(
                    f"the model sees no word in the {place} text",
                    "send two texts with visible characters",
                )
        short, long = sorted(texts, key=lambda text: len(text.ids))
        ids = short.ids.tolist()
        if len(ids) > self.max_length // 2:
            raise TextTooLongError(
                f"the shorter of the two texts has {len(ids)} tokens, more than half of the "
                f"model's window of {self.max_length}",
                "send a shorter text, or train with a larger max_length",
            )
        wrap = self._single.apart if apart else self._pair.around
        around = wrap(second=ids) if long is texts[0] else wrap(first=ids)
        found = self._windows(long, around)
        return replace(
            found, tokens=found.tokens + len(ids), unknown=found.unknown + self._unknowns(short)
        )

    def memory_bytes(self, texts: Sequence[str]) -> int:
        """What tokenizing texts, one after the other, may hold at once; nothing is tokenized."""
        longest = max((self._longest(text) for text in texts), default=0)
        return _CHARACTER_BYTES * sum(map(len, texts)) + _PIECE_BYTES * longest

    def _longest(self, text: str) -> int:
        return self._cutter.longest(text) if len(text) >= _LONG_CHARACTERS else len(text)

    def _tokens(self, text: str, *, offsets: bool) -> TextTokens:
        if len(text) >= _LONG_CHARACTERS:
            return joined(
                self._piece(text[begin:end], begin, offsets=offsets)
                for begin, end in self._cutter.spans(text)
            )
        return self._piece(text, 0, offsets=offsets)

    def _piece(self, text: str, begin: int, *, offsets: bool) -> TextTokens:
        """The tokens of a piece that begins at a place of its text."""
        encoded = self._encode(text, offsets=offsets)
        if not offsets:
            return TextTokens.of(encoded.ids)
        words = [-1 if word is None else word for word in encoded.word_ids]
        found = TextTokens.of(encoded.ids, encoded.offsets, words)
        found.offsets[:] += begin
        return found

    def _encode(self, text: str, *, offsets: bool) -> LibraryEncoding:
        # The library's `encode` keeps the interpreter lock and its batches release it: a text of a
        # million characters would stop every other thread for a second. `encode_batch_fast` is
        # also the fastest call for a short text: it does not count its offsets in characters.
        if not offsets:
            return self._tokenizer.encode_batch_fast([text], add_special_tokens=False)[0]
        if len(text) < _LONG_CHARACTERS:
            return self._tokenizer.encode(text, add_special_tokens=False)
        return self._tokenizer.encode_batch([text], add_special_tokens=False)[0]

    def _windows(self, text: TextTokens, around: Around) -> Encoding:
        ids = text.ids
        head, tail = around.head, around.tail
        room = self.max_length - around.size
        size = min(room, len(ids))
        types = np.array(
            [*around.head_types, *([around.text_type] * size), *around.tail_types], dtype=np.int64
        )
        windows = []
        # A long question may leave little more room than the overlap, and a million windows.
        step = max(room - self.stride, -(-room // _MOST_READINGS), 1)
        for start in _starts(len(ids), room, step=step):
            window_ids = np.empty(len(types), dtype=np.int64)
            window_ids[: len(head)] = head
            window_ids[len(head) : len(head) + size] = ids[start : start + size]
            window_ids[len(head) + size :] = tail
            windows.append(
                Window(
                    input_ids=window_ids,
                    token_type_ids=types,
                    start=start,
                    stop=start + size,
                    prefix=len(head),
                )
            )
        return Encoding(
            tokens=len(ids),
            unknown=self._unknowns(text),
            offsets=text.offsets,
            words=text.words,
            windows=tuple(windows),
        )

    def _unknowns(self, text: TextTokens) -> int:
        return 0 if self._unknown is None else int(np.count_nonzero(text.ids == self._unknown))


def merge_windows(encoding: Encoding, logits: Sequence[FloatArray]) -> FloatArray:
    """Token logits of the whole text, each token from the window that shows most around it.

    Args:
        encoding: a text's encoding.
        logits: one array a window, (length, outputs).

    Returns:
        (tokens, outputs).
    """
    parts = [
        array[window.prefix : window.prefix + window.stop - window.start]
        for window, array in zip(encoding.windows, logits, strict=True)
    ]
    if len(parts) == 1:
        return parts[0]
    merged = np.empty((encoding.tokens, logits[0].shape[1]), dtype=np.float32)
    for index, (window, part) in enumerate(zip(encoding.windows, parts, strict=True)):
        # The overlap with the window before is halved: each half keeps its wider side.
        begin = window.start
        if index:
            begin = (window.start + encoding.windows[index - 1].stop + 1) // 2
        merged[begin : window.stop] = part[begin - window.start :]
    return merged


def by_window(
    of_token: npt.NDArray[Any], encoding: Encoding, *, fill: float
) -> list[npt.NDArray[Any]]:
    """The opposite of `merge_windows`: each window's part of something that each token has.

    Args:
        of_token: (tokens,) of the whole text.
        encoding: the text's.
        fill: what special tokens have.

    Returns:
        (length,) for each window.
    """
    parts = []
    for window in encoding.windows:
        part = np.full(len(window), fill, dtype=of_token.dtype)
        stop = window.prefix + window.stop - window.start
        part[window.prefix : stop] = of_token[window.start : window.stop]
        parts.append(part)
    return parts


def unknown_id(tokenizer: Tokenizer) -> int | None:
    """The id of the token for what is not in the vocabulary; None where a tokenizer has none."""
    token = getattr(tokenizer.model, "unk_token", None)
    if token is None:  # Unigram has an id in its file alone
        found = json.loads(tokenizer.to_str())["model"].get("unk_id")
        return found if isinstance(found, int) else None
    unknown: int | None = tokenizer.token_to_id(token)
    return unknown


def _starts(tokens: int, room: int, *, step: int) -> list[int]:
    if tokens <= room:
        return [0]
    last = tokens - room
    return [*range(0, last, step), last]
