"""Text to windows: a text of any length becomes token windows that a model can read, none cut.

The whole text is tokenized once, without truncation; a long one in pieces that give the tokens of
the whole (`burnish.tasks.pieces`). A text longer than the window is read in overlapping windows;
the last one is flush with the end, so that every window of a long text is full. The same code
encodes for training, verification and serving.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding as LibraryEncoding
from tokenizers import Tokenizer

from burnish.errors import InputError, QuestionTooLongError

from .pieces import Cutter
from .tokens import TextTokens, joined

__all__ = ["Encoding", "TextEncoder", "Window", "merge_windows"]

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

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
    """Index in the text's tokens of the first one that stands in this window."""
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


@dataclass(frozen=True, slots=True)
class _Template:
    """The special tokens that a tokenizer puts before, between and behind texts."""

    before: tuple[int, ...]
    between: tuple[int, ...]
    behind: tuple[int, ...]
    before_type: int
    between_type: int
    behind_type: int
    text_types: tuple[int, int]

    @property
    def size(self) -> int:
        return len(self.before) + len(self.between) + len(self.behind)


class TextEncoder:
    """A tokenizer with its windowing. Safe to share between threads: nothing is set after init."""

    def __init__(self, tokenizer: Tokenizer, *, max_length: int, stride: int) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._cutter = Cutter.of(tokenizer)
        self._unknown = _unknown_id(tokenizer)
        self._single = _single_template(tokenizer)
        self._pair = _pair_template(tokenizer)
        self.max_length = max_length
        self.stride = stride

    @classmethod
    def from_file(cls, path: Path, *, max_length: int, stride: int) -> TextEncoder:
        """Read a ``tokenizer.json``."""
        return cls(Tokenizer.from_file(str(path)), max_length=max_length, stride=stride)

    @classmethod
    def from_bytes(cls, content: bytes, *, max_length: int, stride: int) -> TextEncoder:
        """Read what stands in a ``tokenizer.json``."""
        return cls(Tokenizer.from_buffer(content), max_length=max_length, stride=stride)

    def encode(self, text: str, *, offsets: bool = True) -> Encoding:
        """Tokenize one text into one window or more.

        Args:
            text: the text.
            offsets: say where each token stands; half as long again.
        """
        return self._windows(self._tokens(text, offsets=offsets), [], self._single)

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
        return self._windows(self._tokens(context, offsets=True), question_ids, self._pair)

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

    def _windows(self, text: TextTokens, question: list[int], template: _Template) -> Encoding:
        ids = text.ids
        first, second = template.text_types
        head = [*template.before, *question, *template.between]
        head_types = (
            [template.before_type] * len(template.before)
            + [first] * len(question)
            + [template.between_type] * len(template.between)
        )
        room = self.max_length - template.size - len(question)
        size = min(room, len(ids))
        text_types = [second if template is self._pair else first] * size
        types = np.array(
            head_types + text_types + [template.behind_type] * len(template.behind), dtype=np.int64
        )
        windows = []
        # A long question may leave little more room than the overlap, and a million windows.
        step = max(room - self.stride, -(-room // _MOST_READINGS), 1)
        for start in _starts(len(ids), room, step=step):
            window_ids = np.empty(len(types), dtype=np.int64)
            window_ids[: len(head)] = head
            window_ids[len(head) : len(head) + size] = ids[start : start + size]
            window_ids[len(head) + size :] = template.behind
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
            unknown=0 if self._unknown is None else int(np.count_nonzero(ids == self._unknown)),
            offsets=text.offsets,
            words=text.words,
            windows=tuple(windows),
        )


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


def _unknown_id(tokenizer: Tokenizer) -> int | None:
    """The id of what is not in the vocabulary; None where every text is."""
    token = getattr(tokenizer.model, "unk_token", None)
    if token is None:  # Unigram has an id in its file alone
        model = json.loads(tokenizer.to_str())["model"]
        found = model.get("unk_id")
        return found if isinstance(found, int) else None
    unknown: int | None = tokenizer.token_to_id(token)
    return unknown


def _starts(tokens: int, room: int, *, step: int) -> list[int]:
    if tokens <= room:
        return [0]
    last = tokens - room
    return [*range(0, last, step), last]


def _single_template(tokenizer: Tokenizer) -> _Template:
    encoded = tokenizer.encode("a")
    text = [i for i, sequence in enumerate(encoded.sequence_ids) if sequence == 0]
    if not text:
        raise InputError("the tokenizer makes no token of the letter 'a'")
    return _Template(
        before=tuple(encoded.ids[: text[0]]),
        between=(),
        behind=tuple(encoded.ids[text[-1] + 1 :]),
        before_type=encoded.type_ids[0],
        between_type=0,
        behind_type=encoded.type_ids[-1],
        text_types=(encoded.type_ids[text[0]], encoded.type_ids[text[0]]),
    )


def _pair_template(tokenizer: Tokenizer) -> _Template:
    encoded = tokenizer.encode("a", "a")
    first = [i for i, sequence in enumerate(encoded.sequence_ids) if sequence == 0]
    second = [i for i, sequence in enumerate(encoded.sequence_ids) if sequence == 1]
    between = encoded.ids[first[-1] + 1 : second[0]]
    return _Template(
        before=tuple(encoded.ids[: first[0]]),
        between=tuple(between),
        behind=tuple(encoded.ids[second[-1] + 1 :]),
        before_type=encoded.type_ids[0],
        between_type=encoded.type_ids[first[-1] + 1] if between else 0,
        behind_type=encoded.type_ids[-1],
        text_types=(encoded.type_ids[first[0]], encoded.type_ids[second[0]]),
    )
