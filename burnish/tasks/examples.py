"""Examples: what a reader makes of a row. Each task has its own kind (``example.py``)."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Hashable
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
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        """Name and text of each text that a model reads; the first is the one that is marked."""

    @property
    def shared(self) -> tuple[str, str] | None:
        """Name and text of what many rows are about, each with another text of its own."""
        return None

    @property
    @abstractmethod
    def answer_key(self) -> Hashable:
        """Equal for rows with the same labels, entities or answers."""

    @property
    def counted_labels(self) -> tuple[str, ...]:
        """Its labels, each as often as it counts."""
        return self.class_names

    @property
    def marked(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each stretch of its first text that is an answer, end exclusive."""
        return ()

    def is_only(self, label: str) -> bool:
        """Whether a whole text has this label alone, as a text out of scope has."""
        del label
        return False

    def relabelled(self, label: str) -> Self:
        """A copy whose text has this label alone; the row itself where texts have none."""
        del label
        return self

    @property
    def body(self) -> str:
        """The text that answers are about: of a question, its context."""
        return self.text_fields[0][1]

    @abstractmethod
    def with_body(self, text: str) -> Self:
        """The example with another body, to be asked alone: what is true of it may be gone."""
