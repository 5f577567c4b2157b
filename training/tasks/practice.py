"""Practice: rows that a task makes up, which a model warms up on before the labelled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from burnish.tasks.examples import Example

__all__ = ["Practice"]


class _Writer(Protocol):
    def __call__(self, examples: Sequence[Any], count: int, *, seed: int) -> Sequence[Example]:
        """As many rows as asked for; fewer where the examples are too poor to make them of."""


@dataclass(frozen=True, kw_only=True)
class Practice:
    """How a task makes rows up."""

    write: _Writer
    """From the training rows."""
    rows: str
    """What they are, in words: the plural."""
