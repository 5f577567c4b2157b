"""Example types: what a reader makes of a row, one type a task."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

__all__ = [
    "ClassificationExample",
    "Example",
    "ExtractionExample",
    "GoldAnswer",
    "QAExample",
    "Span",
]


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled stretch of a text; offsets in Unicode code points, ``end`` exclusive."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """An accepted answer; ``start`` is its offset in the context, in Unicode code points."""

    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassificationExample(_Row):
    """A text and its labels: exactly one, or any number where labels are several."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionExample(_Row):
    """A text and its entities, sorted by start, not overlapping."""

    text: str
    entities: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QAExample(_Row):
    """A question about a context. No answers: the context does not hold one."""

    context: str
    question: str
    answers: tuple[GoldAnswer, ...]


Example = ClassificationExample | ExtractionExample | QAExample
