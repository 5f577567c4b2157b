"""The checks of a task: what its rows must have, and what only they can have wrong.

The checks of all rows (burnish/data/checks/) use it. That folder imports the table of tasks, so its
types are imported here only for type checking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from burnish.data.checks.finding import Finding, Kind
    from burnish.data.checks.subject import Subject

__all__ = ["LabelChecks", "Lack", "TaskChecks"]


@dataclass(frozen=True, slots=True)
class Lack:
    """Something without which a model can learn nothing."""

    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChecks:
    """Labels that people wrote, so that their spelling, number and balance can be wrong."""

    one: str
    """What a labelled row has at least one of, with its article."""
    fewest: int
    """The check names labels with fewer rows."""
    of_texts: bool
    """Whether a label applies to a whole text instead of parts of it."""
    weighted: bool = False
    """Whether ``train.class_weights`` can make rare labels count as much as frequent ones."""


def _least_sure(_: Subject) -> str:
    return "label more: burnish suggest --bundle lists the texts that a model is least sure of"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChecks:
    """What the checks need to know about the rows of a task."""

    nothing_to_learn: Callable[[Subject], Lack | None]
    """Finds what the training rows lack completely."""
    labels: LabelChecks | None = None
    """None for tasks without labels."""
    few_rows: Callable[[Subject], str] = _least_sure
    """What to do where rows are too few, in words."""
    unanswered: tuple[str, str] = ("row has no label", "rows have no label")
    """Rows without what a model learns, in the singular and the plural."""
    conflict_kind: Kind = "conflicting-labels"
    conflict: str = "# [text has|texts have] different labels in different rows"
    """Rows with one input and different answers, counted (burnish/plural.py)."""
    own: tuple[Callable[[Subject], Iterator[Finding]], ...] = ()
    """Checks of what no other task's rows have."""
    long_answers: Callable[[Subject, Path, int | None], Iterator[Finding]] | None = None
    """Finds answers of more tokens than a model may give; see burnish/data/checks/long_answers."""
