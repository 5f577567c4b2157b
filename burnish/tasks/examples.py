"""Examples: what a reader makes of a row. Each task has its own kind (``example.py``)."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Self

__all__ = ["Example"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example(ABC):
    """A labelled row of any task."""

    id: str
    """Where the row stands: ``file name:line`` (or another position the format has)."""
    group: str | None = None
    """Rows of one group never stand on both sides of a split."""
    subgroups: tuple[str, ...] = ()
    """By each column of ``data.subgroups``: whose scores are looked at on their own."""

    @property
    def digest(self) -> str:
        """SHA-256 of the row's content (not of its place), 16 hex digits."""
        content = asdict(self)
        del content["id"], content["group"], content["subgroups"]
        canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]

    @property
    @abstractmethod
    def input_text(self) -> str:
        """The text that a model reads; where it reads several, each on lines of its own."""

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """What a split keeps in proportion; ``()`` for a row that has none of it."""

    @property
    @abstractmethod
    def body(self) -> str:
        """The text that answers are about: of a question, its context."""

    @abstractmethod
    def with_body(self, text: str) -> Self:
        """The example with another body, to be asked alone: what is true of it may be gone."""
