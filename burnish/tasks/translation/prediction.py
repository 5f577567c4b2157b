"""A translation of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from burnish.tasks.written.prediction import Written

__all__ = ["Translation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation(Written):
    """The text in the other language."""

    key: ClassVar[str] = "translation"
