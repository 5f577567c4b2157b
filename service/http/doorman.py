"""The doorman: what becomes of requests that are refused and show no known key."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Scope

from ..access import LATE_S, Strangers, Verdict
from ..errors import HTTPError
from ..settings import Settings
from .headers import Headers
from .origins import client_network

__all__ = ["Doorman"]

_GOLDEN = 0.618034
"""A step between 0 and 1 after which no two values of a row are close (Weyl's sequence)."""
_MOST_LATE = 256
"""Strangers that are answered late at one time; more are answered at once."""


class Doorman:
    """Limits strangers by their address. Used by one event loop."""

    def __init__(self, strangers: Strangers, settings: Settings) -> None:
        self._strangers = strangers
        self._behind_proxy = settings.behind_proxy
        self._late = 0
        self._spread = 0.0

    def judge(
        self, scope: Scope, headers: Headers, refusal: HTTPError
    ) -> tuple[Verdict, HTTPError]:
        """Count a request that is refused and shows no known key, and say what it is answered."""
        network = client_network(scope, headers, behind_proxy=self._behind_proxy)
        verdict = self._strangers.take(network, wrong_key=refusal.error_type == "unauthorized")
        return verdict, _too_many_keys() if verdict.limited else refusal

    async def be_late(self) -> None:
        """Keep a stranger waiting who tries many keys: more connections are needed to try more."""
        if self._late >= _MOST_LATE:
            return
        self._late += 1
        # All at one moment would come again at one moment, and hold up everybody else.
        self._spread = (self._spread + _GOLDEN) % 1
        try:
            with suppress(asyncio.CancelledError):  # the server stops: answer now
                await asyncio.sleep(LATE_S * (0.5 + self._spread))
        finally:
            self._late -= 1


def _too_many_keys() -> HTTPError:
    return HTTPError(
        "overloaded",
        "key: too many wrong keys came from this address; try again after Retry-After",
        headers={"Retry-After": "1"},
        close=True,
    )
