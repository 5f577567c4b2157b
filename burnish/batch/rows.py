"""Rows of a source and of an output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from burnish.batch.fields import Asked

__all__ = ["AnsweredRow", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read."""

    fields: Mapping[str, object]
    """Its own columns, in their order; empty where the row cannot be read."""
    asked: Asked
    """The input, or why it has none."""


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A row with its answer."""

    fields: Mapping[str, object]
    """As :class:`Row` has them."""
    answer: Mapping[str, object] | None
    """The answer's cells by the task's own names; None where there is none."""
    error: str | None
    """Why there is none."""
