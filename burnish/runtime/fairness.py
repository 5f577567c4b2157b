"""The order of waiting work: fair between callers, and between short and long work.

Start-time fair queueing (Goyal, Vin and Cheng 1996) on two levels. Between callers, the one with
the least processor time so far goes next, so a caller who floods the queue delays only itself.
Between the jobs of one caller, each gets an equal share: a job of one window passes a document of
a thousand, which continues between the others.
"""

from __future__ import annotations

from collections.abc import Container
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Protocol

__all__ = ["FairQueue", "Work"]


class Work(Protocol):
    """A sequence of waiting steps; a worker takes one at a time."""

    flow: str
    """The caller."""
    long: bool
    """Whether it delays others for long."""

    @property
    def waiting(self) -> bool:
        """Whether steps are left to be taken; dropped work has none."""

    @property
    def returning(self) -> bool:
        """Whether a step that was taken may come back, so that the work keeps its place."""

    @property
    def next_cost_ms(self) -> float:
        """The cost of the next step."""


_Entry = tuple[float, int, Work]
"""Tag, number, work."""


class _Flow:
    """One caller's work."""

    __slots__ = ("away", "heaps", "tag", "virtual_ms")

    def __init__(self, tag: float) -> None:
        self.tag = tag
        self.virtual_ms = 0.0
        # By whether the work is long.
        self.heaps: dict[bool, list[_Entry]] = {False: [], True: []}
        # Work all of whose steps are being computed, and may come back: at most one a thread.
        self.away: list[_Entry] = []

    def peek(self, *, long: bool) -> _Entry | None:
        """The next work of a kind, without taking it; dropped work is removed on the way."""
        heap = self.heaps[long]
        if self.away:
            self._bring_back()
        while heap and not heap[0][2].waiting:
            entry = heappop(heap)
            if entry[2].returning:
                self.away.append(entry)
        return heap[0] if heap else None

    def _bring_back(self) -> None:
        away, self.away = self.away, []
        for entry in away:
            if entry[2].waiting:
                heappush(self.heaps[entry[2].long], entry)
            elif entry[2].returning:
                self.away.append(entry)


class FairQueue:
    """Waiting work. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self._flows: dict[str, _Flow] = {}
        self._virtual_ms = 0.0
        self._numbers = count()

    def put(self, work: Work) -> None:
        """Add work, at the fair place of its caller and of itself."""
        flow = self._flows.get(work.flow)
        if flow is None:
            # A caller who had nothing waiting starts level with the one served last.
            flow = self._flows[work.flow] = _Flow(self._virtual_ms)
        elif flow.peek(long=False) is None and flow.peek(long=True) is None:
            flow.tag = max(flow.tag, self._virtual_ms)
        heappush(flow.heaps[work.long], (flow.virtual_ms, next(self._numbers), work))

    def take(self, *, long: bool, callers: Container[str] | None = None) -> Work | None:
        """The work whose next step is to be computed now; the caller then takes that step.

        Args:
            long: whether long work may be taken too.
            callers: take only these callers' work; None for everybody's.
        """
        best: tuple[float, float, int] | None = None
        chosen: tuple[_Flow, bool, Work] | None = None
        idle = []
        for name, flow in self._flows.items():
            firsts = [(kind, flow.peek(long=kind)) for kind in (False, True)]
            if all(first is None for _, first in firsts):
                if not flow.away:
                    idle.append(name)
                continue
            if callers is not None and name not in callers:
                continue
            for kind, first in firsts:
                if first is None or (kind and not long):
                    continue
                key = (flow.tag, first[0], first[1])
                if best is None or key < best:
                    best, chosen = key, (flow, kind, first[2])
        for name in idle:
            del self._flows[name]
        if chosen is None:
            return None
        flow, kind, work = chosen
        self._charge(flow, kind, work)
        return work

    def _charge(self, flow: _Flow, kind: bool, work: Work) -> None:
        tag, number, _ = flow.heaps[kind][0]
        cost = work.next_cost_ms
        self._virtual_ms = max(self._virtual_ms, flow.tag)
        flow.tag += cost
        flow.virtual_ms = max(flow.virtual_ms, tag)
        heapreplace(flow.heaps[kind], (tag + cost, number, work))

    def clear(self) -> list[Work]:
        """Empty the queue, and return the work that was waiting or would have come back."""
        found = [
            entry[2]
            for flow in self._flows.values()
            for entries in (*flow.heaps.values(), flow.away)
            for entry in entries
            if entry[2].waiting or entry[2].returning
        ]
        self._flows.clear()
        return found
