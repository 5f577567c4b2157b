"""Marks: what a text was given, by a person or a model, in the form that other tools take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LabelMark", "Marks", "SpanMark", "WrittenMark"]


@dataclass(frozen=True, slots=True)
class LabelMark:
    """A label of a whole text."""

    label: str
    score: float | None = None
    """How sure a model is, 0 to 1; None where a person said it."""


@dataclass(frozen=True, slots=True)
class SpanMark:
    """A labelled stretch of a text; offsets in Unicode code points from 0, ``end`` exclusive."""

    start: int
    end: int
    label: str
    score: float | None = None
    """How sure a model is, 0 to 1; None where a person said it."""


@dataclass(frozen=True, slots=True)
class WrittenMark:
    """Another text that was written for the text."""

    text: str
    score: float | None = None
    """How sure a model is, 0 to 1; None where a person wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Everything that one text was given."""

    labels: tuple[LabelMark, ...] = ()
    spans: tuple[SpanMark, ...] = ()
    number: float | None = None
    """The score that the text was given, in the unit of its rows."""
    written: WrittenMark | None = None
