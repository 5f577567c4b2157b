"""A text and its labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["ClassificationExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationExample(Example):
    """A text and its labels: exactly one, or any number where labels are several."""

    text: str
    labels: tuple[str, ...]

    @property
    @override
    def input_text(self) -> str:
        return self.text

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return self.labels

    @property
    @override
    def body(self) -> str:
        return self.text

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, text=text)
