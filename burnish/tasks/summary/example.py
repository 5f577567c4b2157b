"""A document and its summary."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["SummaryExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryExample(Example):
    """A document with what a person wrote of it, and the sentences that come nearest to that."""

    text: str
    summary: str
    """What a person wrote, or the sentences that they marked, one after the other."""
    key: tuple[tuple[int, int], ...]
    """Start and end of the document's key sentences, in order: those that were marked, or else
    those that share most words with the summary (`burnish.tasks.summary.oracle`)."""

    @property
    def key_text(self) -> str:
        """The key sentences as a summary: no choice of sentences is much better."""
        return " ".join(self.text[start:end] for start, end in self.key)

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return ()

    @property
    @override
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return (("text", self.text),)

    @property
    @override
    def answer_key(self) -> Hashable:
        return self.summary

    @property
    @override
    def marked(self) -> tuple[tuple[int, int], ...]:
        return self.key

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, text=text, key=())
