"""The trail that requests leave: lines of the audit log, and figures of what has none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .access import AuditLog, Caller, Decision, InputHmac, Strangers, Verdict
from .errors import ErrorType, HTTPError
from .metrics import Metrics
from .request_context import Response
from .routes import KEYLESS_ROUTES

__all__ = ["AuditTrail", "Outcome", "unaudited"]

_COLLECT_EVERY_S = 1.0
"""Between two looks for periods of strangers that are over. Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a request ended."""

    request_id: bytes
    route: str
    """A template, or "none"."""
    status: int
    error_type: ErrorType | None
    caller: Caller | None
    """None: nobody known."""
    body: bytes
    response: Response | None
    """Where the request was answered."""
    verdict: Verdict | None
    """Where a stranger was refused."""
    ms: float


class AuditTrail:
    """Writes down what was decided. Used by one event loop."""

    def __init__(
        self,
        log: AuditLog | None,
        *,
        input_hmac: InputHmac | None,
        strangers: Strangers,
        metrics: Metrics,
    ) -> None:
        self._log = log
        self._input_hmac = input_hmac
        self.strangers = strangers
        """Whom the trail sums up."""
        self._metrics = metrics
        self._timer: asyncio.TimerHandle | None = None

    def write(self, outcome: Outcome) -> bool:
        """Write a request's line, before its reply goes out; whether that may go out.

        Three kinds have no line, since they would fill the disk: probes and the page; scrapes,
        which a counter counts; and refused strangers beyond the first of ten seconds, which are
        summed up.
        """
        log, route, verdict = self._log, outcome.route, outcome.verdict
        if route == "/metrics" and outcome.status == 200:
            self._metrics.scrapes.inc()
            return True
        if verdict is not None and not verdict.recorded:
            self._collect_soon()
            return True
        if log is None or route in KEYLESS_ROUTES:
            return True
        response, body, keyed = outcome.response, outcome.body, self._input_hmac
        return log.append(
            Decision(
                request_id=outcome.request_id.decode("ascii"),
                key_id=outcome.caller.key_id if outcome.caller else "",
                route=route,
                model=response.model if response else "",
                status=outcome.status,
                error_type=outcome.error_type or "",
                items=response.items if response else 0,
                tokens=response.tokens if response else 0,
                ms=outcome.ms,
                input_hmac=keyed.digest(body) if keyed and body else None,
            )
        )

    def check_ready(self) -> None:
        """Refuse where nothing could be answered, since nothing could be recorded.

        Raises:
            HTTPError: 503.
        """
        if self._log is not None and not self._log.ready:
            raise unaudited(close=False)

    def close(self) -> None:
        """Write what has been counted of strangers so far."""
        if self._timer is not None:
            self._timer.cancel()
        self._collect(all_of_them=True)

    def _collect_soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_COLLECT_EVERY_S, self._collect)

    def _collect(self, *, all_of_them: bool = False) -> None:
        self._timer = None
        # Without a log too: who is not collected is never forgotten, and takes another's place.
        for turned_away in self.strangers.collect(all_of_them=all_of_them):
            if self._log is not None:
                self._log.append_turned_away(turned_away)
        if self.strangers.counting:
            self._collect_soon()


def unaudited(*, close: bool) -> HTTPError:
    """The refusal of what cannot be recorded."""
    return HTTPError(
        "not_ready",
        "the audit log cannot be written, and this server does not answer without it",
        headers={"Retry-After": "10"},
        close=close,
    )
