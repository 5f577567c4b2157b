"""Admission: whether there is time for a request, decided before any of it is computed.

A request weighs what it will cost, in milliseconds of this machine, by its tokens and the cost
table of its model. What the queue could not work off within its budget is refused at once, and
told when to come again. Callers share the budget: one who fills it is held to an equal part as
soon as another asks.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Literal

from burnish.runtime import Workers

from ..errors import HTTPError

__all__ = ["Admission", "Rejection"]

Rejection = Literal["queue", "share", "deadline", "rate"]
"""Why a request was not admitted, for the metrics."""

_HOPELESS = 2.0
"""Times the limit that an answer must be expected to take. Chosen: the expectation may be twice too
high."""
_MS = 1000.0
_ROOM = 0.95
"""The share of the budget to which the queue must fall before a caller who has found it full is let
in again. Chosen."""
_SURE_MS = 10.0
"""How long at most a refusal is repeated without looking at the queue. Chosen."""


@dataclass(frozen=True, slots=True)
class _Full:
    """That a caller has found the queue full."""

    reason: Rejection
    message: str
    retry_after_s: int
    until_s: float
    """On the monotonic clock: there can be no room before."""


class Admission:
    """The queue's budget. Used by one event loop, so it needs no lock."""

    def __init__(self, *, budget_ms: float) -> None:
        self._budget_ms = budget_ms
        self._full: dict[str, _Full] = {}
        """By caller, until there is room again for a twentieth of the budget. A queue that is let
        fill to its edge has every request tokenized first, to see whether that one still fits."""
        self.rejected: dict[Rejection, int] = {}

    @property
    def refusing(self) -> bool:
        """Whether somebody has found the queue full."""
        return bool(self._full)

    def check_room(self, workers: Workers, flow: str) -> None:
        """Refuse a caller while the queue is full, before anything is parsed: a flood is cheap.

        Raises:
            HTTPError: 429.
        """
        full = self._full.get(flow)
        if full is None:
            return
        if time.monotonic() < full.until_s:
            raise self._refusal(full)
        self.check(workers, flow, 0.0, client_deadline_ms=None)

    def check(
        self, workers: Workers, flow: str, cost_ms: float, *, client_deadline_ms: float | None
    ) -> None:
        """Let a request in, or say when to come again.

        Args:
            workers: who would compute it.
            flow: the caller.
            cost_ms: of one thread, by the model's cost table.
            client_deadline_ms: how long the client will still wait.

        Raises:
            HTTPError: 429 above the limit, 504 where the client's deadline cannot be met.
        """
        backlog = workers.backlog(flow, cost_ms)
        if client_deadline_ms is not None:
            self._check_client_deadline(backlog.delay_ms, client_deadline_ms)
        own, callers = backlog.own_ms, backlog.callers
        mine, all_ms = own + backlog.cost_ms, backlog.total_ms + backlog.cost_ms
        limit = self._budget_ms * (_ROOM if flow in self._full else 1.0)
        # However dear, a caller's only request is taken: else it would never be. Beside short
        # texts a document weighs a stretch of itself, so that neither keeps the other out.
        if all_ms <= limit or own <= 0 or mine <= limit / callers:
            self._full.pop(flow, None)
            return
        room = self._budget_ms * _ROOM
        over = min(all_ms - room, callers * mine - room, callers * own)
        self._full[flow] = full = _Full(
            "queue" if callers == 1 else "share",
            f"the queue holds {backlog.queued_ms / _MS:.1f} seconds of work, as much as it takes; "
            "try again after Retry-After",
            _seconds(over),
            time.monotonic() + min(over - backlog.cost_ms, _SURE_MS) / _MS,
        )
        raise self._refusal(full)

    def check_possible(self, workers: Workers, cost_ms: float, *, limit_s: float) -> None:
        """Refuse what could not be answered in time if nothing else were asked.

        Args:
            workers: who would compute it.
            cost_ms: of one thread, as it is expected.
            limit_s: after which a request is given up.

        Raises:
            HTTPError: 413.
        """
        alone_s = cost_ms / _MS / workers.threads
        if alone_s > _HOPELESS * limit_s:
            self._reject("deadline")
            raise HTTPError(
                "too_large",
                f"inputs: the answer would take about {alone_s:.0f} seconds, and is given up after "
                f"{limit_s:g}; send less text per request",
            )

    def _refusal(self, full: _Full) -> HTTPError:
        self._reject(full.reason)
        headers = {"Retry-After": str(full.retry_after_s)}
        return HTTPError("overloaded", full.message, headers=headers)

    def _check_client_deadline(self, delay_ms: float, client_deadline_ms: float) -> None:
        if delay_ms <= client_deadline_ms:
            return
        self._reject("deadline")
        raise HTTPError(
            "deadline",
            f"X-Burnish-Deadline-Ms: the answer would take about {math.ceil(delay_ms)} ms; "
            "allow more time, or try again when less is waiting",
            headers={"Retry-After": str(_seconds(delay_ms - client_deadline_ms))},
        )

    def refuse_rate(self, wait_s: float) -> HTTPError:
        """The refusal of a key that has used up what it may ask in a minute."""
        self._reject("rate")
        return HTTPError(
            "overloaded",
            "key: it has reached its limit per minute; try again after Retry-After",
            headers={"Retry-After": str(_seconds(_MS * wait_s))},
        )

    def _reject(self, reason: Rejection) -> None:
        self.rejected[reason] = self.rejected.get(reason, 0) + 1


def _seconds(milliseconds: float) -> int:
    """RawResponse seconds, as Retry-After has them, and never less than the truth."""
    return max(1, math.ceil(milliseconds / _MS))
