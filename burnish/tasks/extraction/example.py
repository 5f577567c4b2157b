"""A text and its entities."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["ExtractionExample", "Span"]


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a text; offsets in Unicode code points, ``end`` exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionExample(Example):
    """A text and its entities, sorted by start, not overlapping."""

    text: str
    entities: tuple[Span, ...]

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return tuple(sorted({span.label for span in self.entities}))

    @property
    @override
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return (("text", self.text),)

    @property
    @override
    def answer_key(self) -> Hashable:
        return self.entities

    @property
    @override
    def counted_labels(self) -> tuple[str, ...]:
        """Entities count one by one."""
        return tuple(span.label for span in self.entities)

    @property
    @override
    def marked(self) -> tuple[tuple[int, int], ...]:
        return tuple((span.start, span.end) for span in self.entities)

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, text=text, entities=())
