"""Latencies of repeated calls, and calls a second from several callers at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Self, TypeVar

import numpy as np

__all__ = ["Latency", "calls_per_second", "time_calls"]

InputT = TypeVar("InputT")

_WARM_UP_CALLS = 4


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of call durations, interpolated between samples."""

    p50_ms: float
    p95_ms: float
    p99_ms: float
    samples: int

    @classmethod
    def of(cls, durations_s: Sequence[float]) -> Self:
        """Percentiles of one duration or more."""
        p50, p95, p99 = (np.percentile(durations_s, [50, 95, 99]) * 1e3).tolist()
        return cls(p50_ms=p50, p95_ms=p95, p99_ms=p99, samples=len(durations_s))


def time_calls(
    call: Callable[[InputT], object], inputs: Sequence[InputT], *, seconds: float, least: int = 10
) -> Latency:
    """Call one input after the other, over and over, after a few calls that are not counted.

    Args:
        call: what is timed, on the wall clock.
        inputs: one or more.
        seconds: for how long.
        least: how many calls there are at least, however long they take.
    """
    for given in islice(cycle(inputs), _WARM_UP_CALLS):
        call(given)
    durations: list[float] = []
    end = time.perf_counter() + seconds
    for given in cycle(inputs):
        begin = time.perf_counter()
        call(given)
        durations.append(time.perf_counter() - begin)
        if begin > end and len(durations) >= least:
            break
    return Latency.of(durations)


def calls_per_second(
    calls: Sequence[Callable[[InputT], object]], inputs: Sequence[InputT], *, seconds: float
) -> float:
    """Calls a second of callers that each wait for their answer before they ask again.

    Args:
        calls: one a caller; each is called from a thread of its own.
        inputs: one or more; each caller begins at another.
        seconds: for how long callers begin new calls; those begun are finished and counted.
    """
    begin = time.perf_counter()
    end = begin + seconds

    def ask(index: int) -> int:
        done = 0
        for given in islice(cycle(inputs), index % len(inputs), None):
            calls[index](given)
            done += 1
            if time.perf_counter() > end:
                break
        return done

    with ThreadPoolExecutor(len(calls)) as pool:
        done = sum(pool.map(ask, range(len(calls))))
    return done / (time.perf_counter() - begin)
