"""A text and its labels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

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
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return (("text", self.text),)

    @property
    @override
    def answer_key(self) -> Hashable:
        return self.labels

    @override
    def is_only(self, label: str) -> bool:
        return self.labels == (label,)
