"""The rate limiter: how many requests and tokens a key may use per minute.

Each limit is a token bucket that holds a minute's allowance: in any t minutes at most t + 1 times
the allowance passes. A bucket is stored as the moment at which it will be full again (the generic
cell rate algorithm, ITU-T I.371): one number, which needs no timer and stays right when a key's
allowance changes.
"""

from __future__ import annotations

from .caller import Caller

__all__ = ["RateLimiter"]

_MINUTE_S = 60.0
_ROUNDING_S = 1e-6
"""Chosen: far above the rounding of floats, so that a caller who waits as told is let in."""
_LEAST_SWEEP = 64
"""Buckets from which full ones are dropped. Chosen."""


class RateLimiter:
    """Token buckets of every key. For one thread; times are of one monotonic clock, in seconds.

    Buckets belong to a key's identifier, not to a version of the key file. A full bucket is the
    same as none and is dropped, so that there are never more buckets than keys in use.
    """

    def __init__(self) -> None:
        self._requests = _Buckets()
        self._tokens = _Buckets()

    def __len__(self) -> int:
        """How many buckets are stored."""
        return len(self._requests) + len(self._tokens)

    def take_request(self, caller: Caller, now: float) -> float:
        """Take one request.

        Returns:
            0.0 where it is granted, or the seconds until one will be.
        """
        if caller.requests_per_minute is None:
            return 0.0
        return self._requests.take(caller.key_id, 1, caller.requests_per_minute, now)

    def take_tokens(self, caller: Caller, tokens: int, now: float) -> float:
        """Take the tokens of one request.

        A request of more than a minute's allowance is granted when the bucket is full, and leaves
        it in debt.

        Returns:
            0.0 where they are granted, or the seconds until they will be.
        """
        if caller.tokens_per_minute is None:
            return 0.0
        return self._tokens.take(caller.key_id, tokens, caller.tokens_per_minute, now)


class _Buckets:
    def __init__(self) -> None:
        self._full_at: dict[str, float] = {}
        self._sweep_at = _LEAST_SWEEP

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key_id: str, amount: int, per_minute: int, now: float) -> float:
        unit_s = _MINUTE_S / per_minute
        full_at = max(self._full_at.get(key_id, now), now)
        wait = full_at - now - max(0, per_minute - amount) * unit_s
        if wait > _ROUNDING_S:
            return wait
        if key_id not in self._full_at and len(self._full_at) >= self._sweep_at:
            self._sweep(now)
        self._full_at[key_id] = full_at + amount * unit_s
        return 0.0

    def _sweep(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        self._sweep_at = max(_LEAST_SWEEP, 2 * len(self._full_at))
