"""Vocabulary: what the base model's tokenizer does not know of the texts, and how long they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from burnish.data.checks.finding import Finding, found_at
from burnish.data.checks.subject import Subject
from burnish.tasks.windows import unknown_id

__all__ = ["find_unknown_tokens", "find_wordless", "read_vocabulary"]

_SHARE, _FEWEST = 0.2, 2
"""A text is named where a fifth of its tokens, and two at least, are unknown."""
_MANY = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Tokens of each text of a subject, in the order of ``Subject.texts``."""

    tokens: npt.NDArray[np.int64]
    """(texts,) without special tokens."""
    unknown: npt.NDArray[np.int64]
    """(texts,) how many of them the tokenizer does not know."""

    @property
    def unknown_share(self) -> float:
        """The share of all tokens that the tokenizer does not know."""
        return float(self.unknown.sum() / max(1, self.tokens.sum()))

    def longer_than(self, window: int) -> int:
        """How many texts need more than one window of so many tokens."""
        return int((self.tokens > window).sum())


def read_vocabulary(subject: Subject, tokenizer_json: Path) -> Vocabulary:
    """Tokenize every text."""
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    unknown = unknown_id(tokenizer)
    texts = [text for _, _, text in subject.texts()]
    encoded = [each.ids for each in tokenizer.encode_batch(texts, add_special_tokens=False)]
    return Vocabulary(
        tokens=np.array([len(ids) for ids in encoded]),
        unknown=np.array([0 if unknown is None else ids.count(unknown) for ids in encoded]),
    )


def find_unknown_tokens(subject: Subject, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Texts in which the tokenizer replaces a fifth of the tokens, or more, by its unknown sign."""
    counts = zip(vocabulary.tokens.tolist(), vocabulary.unknown.tolist(), strict=True)
    places = [
        entry.place.with_detail(f"{unknown} of {tokens} tokens")
        for (entry, _, _), (tokens, unknown) in zip(subject.texts(), counts, strict=True)
        if unknown >= max(_FEWEST, _SHARE * tokens)
    ]
    share = vocabulary.unknown_share
    yield from found_at(
        places,
        kind="unknown-tokens",
        severity="warning" if share >= _MANY else "note",
        message="# [text is|texts are] largely unknown to the tokenizer "
        f"({100 * share:.2g} % of all tokens are)",
        fix="choose a base model for this language and these characters, or spell them out",
    )


def find_wordless(subject: Subject, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Texts without a token: they hold only zero-width or control characters."""
    places = [
        entry.place.with_detail(name)
        for (entry, name, _), tokens in zip(
            subject.texts(), vocabulary.tokens.tolist(), strict=True
        )
        if not tokens
    ]
    yield from found_at(
        places,
        kind="empty-text",
        severity="error",
        message="# [row has|rows have] a text in which the model sees no word: training refuses "
        "[it|them]",
        fix="remove them, or give them visible characters",
    )
