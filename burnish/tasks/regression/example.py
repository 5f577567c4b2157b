"""A text and its score."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["ScoreExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreExample(Example):
    """A text and its score, a finite number in a unit of the rows' own."""

    text: str
    score: float

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
        return self.score

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, text=text)
