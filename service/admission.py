"""Admission: whether there is time for a request, decided before any of it is computed.

A request weighs what it will cost, in milliseconds of this machine, by its tokens and the cost
table of its model. What the queue could not work off within its budget is refused at once, and
told when to come again. Callers share the budget: one who fills it is held to an equal part as
soon as another asks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from burnish.runtime import Workers

from .refusals import RefusalError

__all__ = ["Admission", "Rejection"]

Rejection = Literal["queue", "share", "deadline", "rate"]
"""Why a request was not admitted, for the metrics."""

_MS = 1000.0


class Admission:
    """The queue's budget. Used by one event loop, so it needs no lock."""

    def __init__(self, *, budget_ms: float) -> None:
        self._budget_ms = budget_ms
        self._preparing: dict[str, float] = {}
        """Estimated thread-milliseconds of what is being tokenized, by caller."""
        self.rejected: dict[Rejection, int] = {}

    def check(
        self, workers: Workers, flow: str, cost_ms: float, *, patience_ms: float | None
    ) -> None:
        """Let a request in, or say when to come again.

        Args:
            workers: who would compute it.
            flow: the caller.
            cost_ms: of one thread, by the model's cost table.
            patience_ms: how long the client will still wait.

        Raises:
            RefusalError: 429 above the limit, 504 where the client's deadline cannot be met.
        """
        backlog = workers.backlog(flow, cost_ms)
        if patience_ms is not None:
            self._check_patience(backlog.delay_ms, patience_ms)
        own, total, callers = backlog.own_ms, backlog.total_ms, backlog.callers
        if self._preparing:
            own += self._preparing.get(flow, 0.0) / workers.threads
            total += sum(self._preparing.values()) / workers.threads
        # However dear, a caller's only request is taken: else it would never be.
        if total + backlog.cost_ms <= self._budget_ms or own <= 0:
            return
        share = self._budget_ms / callers
        if own + backlog.cost_ms <= share:
            return
        over = min(
            total + backlog.cost_ms - self._budget_ms,
            callers * (own + backlog.cost_ms - share),
            callers * own,
        )
        self._reject("queue" if callers == 1 else "share")
        raise RefusalError(
            "overloaded",
            f"the queue holds {total / _MS:.1f} seconds of work, as much as it takes; "
            "ask again after Retry-After",
            headers={"Retry-After": str(_seconds(over))},
        )

    def _check_patience(self, delay_ms: float, patience_ms: float) -> None:
        if delay_ms <= patience_ms:
            return
        self._reject("deadline")
        raise RefusalError(
            "deadline",
            f"X-Burnish-Deadline-Ms: the answer would take about {math.ceil(delay_ms)} ms; "
            "allow more time, or ask when less is waiting",
            headers={"Retry-After": str(_seconds(delay_ms - patience_ms))},
        )

    @contextmanager
    def preparing(self, flow: str, cost_ms: float) -> Iterator[None]:
        """Count what is being tokenized, and will be queued next, as if it were queued."""
        self._preparing[flow] = self._preparing.get(flow, 0.0) + cost_ms
        try:
            yield
        finally:
            left = self._preparing[flow] - cost_ms
            if left > 1e-6:
                self._preparing[flow] = left
            else:
                del self._preparing[flow]

    def refuse_rate(self, wait_s: float) -> RefusalError:
        """The refusal of a key that has used up what it may ask in a minute."""
        self._reject("rate")
        return RefusalError(
            "overloaded",
            "key: it has asked as much as it may in a minute; ask again after Retry-After",
            headers={"Retry-After": str(_seconds(_MS * wait_s))},
        )

    def _reject(self, reason: Rejection) -> None:
        self.rejected[reason] = self.rejected.get(reason, 0) + 1


def _seconds(milliseconds: float) -> int:
    """Whole seconds, as Retry-After has them, and never less than the truth."""
    return max(1, math.ceil(milliseconds / _MS))
