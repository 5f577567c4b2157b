"""Strangers: requests without a known key, limited per address and summed up in the audit log.

A stranger costs a reply and a line of the audit log. An address gets one line of its own per ten
seconds, and one that sums up the rest, so that nobody without a key can fill the disk. An address
that shows wrong keys gets 429, and late, so that nobody can guess thousands of keys per second. A
known key is accepted from any address at any time, because many people may share an address.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .records import TurnedAway

__all__ = ["LATE_S", "PERIOD_S", "Strangers", "Verdict", "network_of"]

PERIOD_S: Final = 10.0
"""The period in which an address gets one line of its own and one that sums up the rest. Chosen."""
LATE_S: Final = 1.0
"""The mean delay of an answer to an address over its limit, which slows down guessing. Chosen."""
_BURST = 20
_PER_S = 1.0
"""Wrong keys that an address may show at once, and per second after that. Chosen: 0.1.0 let one
client try 7,000 a second."""
_MOST_ADDRESSES = 256
"""How many addresses are counted separately; all others share one limit. Chosen."""
_REST = ""
_V6_PREFIX = 64
"""The IPv6 addresses of one customer (RFC 6177) count as one, or a limit would be useless."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The treatment of one request without a known key."""

    recorded: bool
    """Whether it gets a line of its own; otherwise it is counted."""
    limited: bool
    """Whether its address has shown too many wrong keys."""


@dataclass(slots=True)
class _Address:
    since: float
    """When its period began, on the monotonic clock."""
    full_at: float = 0.0
    """When it may again show as many wrong keys as at first (generic cell rate algorithm)."""
    count: int = 0
    first: float = 0.0
    """When the first counted request came, in seconds since 1970."""


class Strangers:
    """Every address that has recently shown no known key. For one thread."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._addresses: dict[str, _Address] = {}
        self.refused = 0
        """Requests without a known key."""
        self.limited = 0
        """How many of them had a wrong key, from an address that has shown too many."""

    def __len__(self) -> int:
        """How many addresses are counted separately now."""
        return len(self._addresses)

    @property
    def counting(self) -> bool:
        """Whether there are counted requests that have no line yet."""
        return any(each.count for each in self._addresses.values())

    def take(self, address: str, *, wrong_key: bool) -> Verdict:
        """Take a request that is refused.

        Args:
            address: the `network_of` the client's address.
            wrong_key: whether it showed an unknown key, or none where one is needed.
        """
        now = self._monotonic()
        if address not in self._addresses and len(self._addresses) >= _MOST_ADDRESSES:
            address = _REST
        known = self._addresses.get(address)
        recorded = known is None or (now - known.since >= PERIOD_S and not known.count)
        if known is None:
            known = self._addresses[address] = _Address(now)
        elif recorded:
            known.since = now
        if not recorded:
            known.first = known.first if known.count else self._clock()
            known.count += 1
        limited = wrong_key and self._is_limited(known, now)
        self.refused += 1
        self.limited += limited
        return Verdict(recorded, limited)

    def _is_limited(self, known: _Address, now: float) -> bool:
        """Count a wrong key (generic cell rate algorithm, as `RateLimiter` has it)."""
        full_at = max(known.full_at, now) + 1 / _PER_S
        if full_at - now > _BURST / _PER_S:
            return True
        known.full_at = full_at
        return False

    def collect(self, *, all_of_them: bool = False) -> list[TurnedAway]:
        """Take the counts of periods that are over, and forget addresses that are long gone.

        Args:
            all_of_them: also take the counts of periods that continue, because the server stops.
        """
        now, moment = self._monotonic(), self._clock()
        found: list[TurnedAway] = []
        for address, known in list(self._addresses.items()):
            if not all_of_them and now - known.since < PERIOD_S:
                continue
            if known.count:
                found.append(TurnedAway(address, known.count, since=known.first, until=moment))
                known.since, known.count = now, 0
            elif known.full_at <= now:
                del self._addresses[address]
        return found


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What shares a limit: an IPv4 address, or the /64 of an IPv6 one; empty for anything else."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return _REST
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, _V6_PREFIX), strict=False))
    return str(found)
