"""Servers that burn processor time while nobody asks them are stopped between their turns."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil

from benchmarks.peers.running import Running

__all__ = ["Sleepers", "idle_costs"]

AWAKE_S = 0.05
RESTLESS = 0.01
"""Share of a processor from which an idle server would disturb the others."""


def idle_costs(subjects: Sequence[Running], *, seconds: float) -> dict[str, float]:
    """Processor seconds a second of every server while nobody asks."""
    before = {one.subject.name: one.cpu_s() or 0.0 for one in subjects}
    begin = time.perf_counter()
    time.sleep(seconds)
    after = {one.subject.name: one.cpu_s() or 0.0 for one in subjects}
    passed = time.perf_counter() - begin
    return {name: (after[name] - before[name]) / passed for name in before}


class Sleepers:
    """The restless servers, asleep but for their own turns."""

    def __init__(self, subjects: Sequence[Running], costs: dict[str, float]) -> None:
        self._restless = [one for one in subjects if costs[one.subject.name] > RESTLESS]
        for one in self._restless:
            _signal(one, signal.SIGSTOP)

    @contextmanager
    def awake(self, one: Running) -> Iterator[None]:
        """Let a subject run."""
        if one not in self._restless:
            yield
            return
        _signal(one, signal.SIGCONT)
        time.sleep(AWAKE_S)
        try:
            yield
        finally:
            _signal(one, signal.SIGSTOP)

    def wake_all(self) -> None:
        """Let all run, for good."""
        for one in self._restless:
            _signal(one, signal.SIGCONT)
        self._restless = []


def _signal(one: Running, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in (one.server.process, *one.server.process.children(recursive=True)):
            process.send_signal(number)
