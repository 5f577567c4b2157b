"""A text and its labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.labelled.example import LabelledExample

__all__ = ["ClassificationExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationExample(LabelledExample):
    """A text and its labels."""

    text: str

    @property
    @override
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return (("text", self.text),)

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, text=text)
