"""Shapes: what is annotated in a row. A file's format holds shapes, and a task's rows have one."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Shape"]


class Shape(StrEnum):
    """What somebody has written beside a row's text, whichever task it is read for."""

    LABELS = "labels"
    """Labels of the whole text."""
    SPANS = "spans"
    """Stretches of the text with a label each."""
    ANSWERS = "answers"
    """Stretches of the text that answer a question."""
    SCORES = "scores"
    """A number for the whole text."""
    SUMMARIES = "summaries"
    """A shorter text that says the same, or the text's own sentences that do."""
    WRITTEN = "written"
    """Another text that somebody wrote for the text, such as its translation or its abstract."""
