"""What an analysis of errors finds. Rows are named by their ids: no text is kept."""

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
    """Rows that have something in common, and how well they are answered."""

    by: str
    """What they have in common: ``length``, ``label``, ``question word``, ``group``, or a column
    of subgroups."""
    name: str
    rows: int
    score: float
    """The task's main metric on these rows."""
    low: float
    """Of its 95 % interval, as in :class:`burnish.tasks.evaluation.Interval`."""
    high: float


@dataclass(frozen=True, slots=True)
class ErrorAnalysis:
    """Of one part of the data."""

    part: str
    rows: int
    wrong: int
    """Rows whose answer is not right in full."""
    mistakes: tuple[Mistake, ...]
    """The wrong answers that the model was surest of, surest first."""
    kinds: dict[str, int]
    """Errors by kind, where the task knows kinds."""
    slices: tuple[Slice, ...]
    """Those with enough rows, worst first."""

    def to_json(self) -> dict[str, Any]:
        """A document for ``metrics.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> ErrorAnalysis:
        """Read what ``to_json`` wrote."""
        mistakes = tuple(Mistake(**entry) for entry in document["mistakes"])
        slices = tuple(Slice(**entry) for entry in document["slices"])
        return cls(**{**document, "mistakes": mistakes, "slices": slices})
