"""The findings of an error analysis. They name rows by id, and keep no text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["ErrorAnalysis", "Mistake", "Slice"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer."""

    row: str
    """The row's id, ``file name:line``."""
    true: str
    predicted: str
    score: float
    """How sure the model was, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that have something in common, and the score of their answers."""

    by: str
    """What they have in common: ``length``, ``label``, ``question word``, ``group``, or a column
    of subgroups."""
    name: str
    rows: int
    score: float
    """The task's main metric on these rows."""
    low: float
    """The lower end of its 95 % interval, as in :class:`burnish.tasks.evaluation.Interval`."""
    high: float


@dataclass(frozen=True, slots=True)
class ErrorAnalysis:
    """The errors on one part of the data."""

    part: str
    rows: int
    wrong: int
    """How many rows do not have a fully right answer."""
    mistakes: tuple[Mistake, ...]
    """The wrong answers with the highest scores, highest first."""
    kinds: dict[str, int]
    """Errors by kind, if the task tells kinds apart."""
    slices: tuple[Slice, ...]
    """The slices with enough rows, worst first."""

    def to_json(self) -> dict[str, Any]:
        """A document for ``metrics.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> ErrorAnalysis:
        """Read what ``to_json`` wrote."""
        mistakes = tuple(Mistake(**entry) for entry in document["mistakes"])
        slices = tuple(Slice(**entry) for entry in document["slices"])
        return cls(**{**document, "mistakes": mistakes, "slices": slices})
