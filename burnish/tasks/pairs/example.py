"""Two texts and their labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.labelled.example import LabelledExample

__all__ = ["PairExample", "TextPair"]


@dataclass(frozen=True, slots=True)
class TextPair:
    """Two texts that are read together; their order matters.

    They have the names that the pipelines of transformers give them.
    """

    text: str
    text_pair: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairExample(LabelledExample):
    """Two texts and the labels that say how they go together."""

    text: str
    text_pair: str

    @property
    @override
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return ("text", self.text), ("text_pair", self.text_pair)

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, text=text)
