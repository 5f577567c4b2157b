"""An input and its labels, whatever the input is."""

from __future__ import annotations

from abc import ABC
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Self

from typing_extensions import override

from burnish.tasks.examples import Example

__all__ = ["LabelledExample"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledExample(Example, ABC):
    """An input and its labels: exactly one, or any number where labels are several."""

    labels: tuple[str, ...]

    @property
    @override
    def class_names(self) -> tuple[str, ...]:
        return self.labels

    @property
    @override
    def answer_key(self) -> Hashable:
        return self.labels

    @override
    def is_only(self, label: str) -> bool:
        return self.labels == (label,)

    @override
    def relabelled(self, label: str) -> Self:
        return replace(self, labels=(label,))
