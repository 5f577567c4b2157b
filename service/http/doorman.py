"""What happens to refused requests that show no known key: counted, limited, answered late."""

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
"""The golden ratio less 1. Multiples of it, modulo 1, are spread evenly (Weyl's sequence)."""
_MOST_LATE = 256
"""How many may be kept waiting at one time; more are answered at once. Chosen."""


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
        """Count a refused request that shows no known key; returns the error to answer with."""
        network = client_network(scope, headers, behind_proxy=self._behind_proxy)
        verdict = self._strangers.take(network, wrong_key=refusal.error_type == "unauthorized")
        return verdict, _too_many_keys() if verdict.limited else refusal

    async def be_late(self) -> None:
        """Delay the answer to an address that tries many keys: a connection then guesses slowly."""
        if self._late >= _MOST_LATE:
            return
        self._late += 1
        # Answered at the same moment, all would ask again at the same moment.
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
