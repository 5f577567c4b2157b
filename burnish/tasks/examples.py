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
    place: str = ""
    """Where else it stands: ``row 12`` of a spreadsheet; empty where the id says it."""
    group: str | None = None
    """Rows of one group are never divided by a split."""
    subgroups: tuple[str, ...] = ()
    """The row's value in each column of ``data.subgroups``; each value is scored separately."""

    @property
    def digest(self) -> str:
        """SHA-256 of the row's content (not of its place), 16 hex digits."""
        content = asdict(self)
        del content["id"], content["place"], content["group"], content["subgroups"]
        canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:16]

    @property
    def input_text(self) -> str:
        """The text that a model reads; where it reads several, each on lines of its own."""
        return "\n".join(text for _, text in self.text_fields)

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """The classes whose proportions a split keeps; ``()`` for a row without one."""

    @property
    @abstractmethod
    def text_fields(self) -> tuple[tuple[str, str], ...]:
        """Name and text of each text that a model reads; ``marked`` lies in the first."""

    @property
    def shared(self) -> tuple[str, str] | None:
        """Name and text of what several rows may share, such as a context; else None."""
        return None

    @property
    def ties(self) -> tuple[tuple[str, str], ...]:
        """Name and value of what else keeps rows in one part, besides group and text."""
        return ()

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
        """Start and end of each passage of its first text that is an answer, end exclusive."""
        return ()

    def is_only(self, label: str) -> bool:
        """Whether this is the only label of the text, as for a text out of scope."""
        del label
        return False

    def relabelled(self, label: str) -> Self:
        """A copy with only this label; the row itself where texts have no labels."""
        del label
        return self

    @property
    def body(self) -> str:
        """The text that answers are about: of a question, its context."""
        return self.text_fields[0][1]

    @abstractmethod
    def with_body(self, text: str) -> Self:
        """A copy with another body, which a model is to answer; its true answers may be lost."""
