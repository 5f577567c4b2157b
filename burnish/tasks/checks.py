"""The checks of a task: what its rows need to be learned from, and what only they can have.

The checks of all rows (burnish/data/checks/) ask it. Its types are of that folder, which asks the
table of tasks: they are imported for their names alone.
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
    """What a row that is labelled has at least one of, with its article."""
    fewest: int
    """A label with fewer is named."""
    of_texts: bool
    """Whether they are of a text as a whole, and not of parts of it."""


def _least_sure(_: Subject) -> str:
    return "label more: burnish suggest --bundle lists the texts that a model is least sure of"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskChecks:
    """What a task says of its rows to those who check them."""

    nothing_to_learn: Callable[[Subject], Lack | None]
    """What the training rows lack altogether."""
    labels: LabelChecks | None = None
    """None where nobody writes labels."""
    few_rows: Callable[[Subject], str] = _least_sure
    """What to do where rows are too few, in words."""
    conflict_kind: Kind = "conflicting-labels"
    conflict: str = "# [text has|texts have] different labels in different rows"
    """Rows with one input and different answers, counted (burnish/plural.py)."""
    own: tuple[Callable[[Subject], Iterator[Finding]], ...] = ()
    """Checks of what no other task's rows have."""
    long_answers: Callable[[Subject, Path, int | None], Iterator[Finding]] | None = None
    """Finds answers of more tokens than a model may give; see burnish/data/checks/long_answers."""
