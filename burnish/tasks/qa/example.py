"""A question about a context, and its answers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["GoldAnswer", "QAExample", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a context."""

    question: str
    context: str


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """An accepted answer; ``start`` is its offset in the context, in Unicode code points."""

    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QAExample(Example):
    """A question about a context. No answers: the context does not hold one."""

    context: str
    question: str
    answers: tuple[GoldAnswer, ...]

    @property
    @override
    def input_text(self) -> str:
        return f"{self.question}\n{self.context}"

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return ("answerable" if self.answers else "not answerable",)

    @property
    @override
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return ("context", self.context), ("question", self.question)

    @property
    @override
    def shared(self) -> tuple[str, str]:
        return "context", self.context

    @property
    @override
    def answer_key(self) -> Hashable:
        return frozenset(self.answers)

    @property
    @override
    def marked(self) -> tuple[tuple[int, int], ...]:
        return tuple((each.start, each.start + len(each.text)) for each in self.answers)

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, context=text, answers=())
