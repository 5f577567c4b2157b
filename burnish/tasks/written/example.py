"""A text, and what somebody wrote for it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["WrittenExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenExample(Example):
    """A source, and the target that a model is to write for it."""

    source: str
    target: str

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return ()

    @property
    @override
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        return (("source", self.source),)

    @property
    @override
    def answer_key(self) -> Hashable:
        return self.target

    @property
    @override
    def ties(self) -> tuple[tuple[str, str], ...]:
        """The target: what was learned by heart for another source would score as well written."""
        return (("target", self.target),)

    @override
    def with_body(self, text: str) -> Self:
        return replace(self, source=text)
