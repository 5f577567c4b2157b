"""Practice: made-up rows on which a model warms up before the labelled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from burnish.tasks.examples import Example

__all__ = ["Practice"]


class _Writer(Protocol):
    def __call__(self, examples: Sequence[Any], count: int, *, seed: int) -> Sequence[Example]:
        """Make ``count`` rows, or fewer where the examples do not allow as many."""


@dataclass(frozen=True, kw_only=True)
class Practice:
    """How a task makes up rows."""

    write: _Writer
    """Makes rows from the training rows."""
    rows: str
    """A description of the rows, in the plural."""
