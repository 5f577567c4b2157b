"""How much work waits: per caller, and in front of a job that is about to be queued."""

from __future__ import annotations

from dataclasses import dataclass

from burnish.runtime.job import DOCUMENT_MS

__all__ = ["Backlog", "Load"]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Estimates in wall-clock milliseconds, with every worker at work.

    A document is computed between other jobs, so it counts with at most `DOCUMENT_MS`. Only a
    caller's second document counts against everything that is queued.
    """

    own_ms: float
    """The caller's own work that comes before the new job."""
    total_ms: float
    """The work of all callers that comes before the new job."""
    queued_ms: float
    """Until everything that is queued has been computed."""
    callers: int
    """How many callers share the workers, this one included."""
    cost_ms: float
    """The new job's own time."""
    delay_ms: float
    """Until the new job would be answered, at equal shares."""


class Load:
    """One caller's queued and running work, in milliseconds of one thread."""

    __slots__ = ("counted_ms", "documents", "jobs", "ms")

    def __init__(self) -> None:
        self.jobs = 0
        self.documents = 0
        self.ms = 0.0
        self.counted_ms = 0.0
        """As ``ms``, with at most `DOCUMENT_MS` per document."""

    def add(self, cost_ms: float) -> None:
        """Count a job."""
        self.jobs += 1
        self.documents += cost_ms > DOCUMENT_MS
        self.change(0.0, cost_ms)

    def remove(self, cost_ms: float) -> None:
        """Stop counting a job that has no work left."""
        self.jobs -= 1
        self.documents -= cost_ms > DOCUMENT_MS

    def change(self, before_ms: float, after_ms: float) -> None:
        """Count the change in a job's remaining work."""
        self.ms += after_ms - before_ms
        self.counted_ms += min(after_ms, DOCUMENT_MS) - min(before_ms, DOCUMENT_MS)
