"""The cost of a window on this machine: a table that is measured when a model is loaded.

A window's time depends on its length alone. A few measured lengths are enough to estimate any
text's cost before it is computed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np

from burnish.tasks.windows import Window

__all__ = ["CostTable", "measure_costs"]

_LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_RUNS = 5
"""Measurements per length, of which the median counts. Chosen."""
_BUDGET_S = 0.06
"""Time to spend on one length. Chosen: a large model's long windows are measured only once."""
_PLAIN_ID = 7
_SHORTEST = 4
_NOMINAL_MS = 0.1
"""The order of magnitude of a small encoder's time per token. Chosen."""


@dataclass(frozen=True, slots=True)
class CostTable:
    """Milliseconds of one thread for one window, by length."""

    by_length_ms: tuple[float, ...]
    """From 0 tokens to the model's window."""

    def window_ms(self, length: int) -> float:
        """The cost of a window of ``length`` tokens."""
        return self.by_length_ms[min(length, len(self.by_length_ms) - 1)]

    @classmethod
    def nominal(cls, *, longest: int) -> CostTable:
        """A table without measurement: good enough to share processors, not to promise a time."""
        return cls(tuple(_NOMINAL_MS * length for length in range(longest + 1)))

    @classmethod
    def of_points(cls, points: dict[int, float], *, longest: int) -> CostTable:
        """A table of straight lines between measured lengths; it never falls."""
        lengths = sorted(points)
        values = np.maximum.accumulate([points[length] for length in lengths])
        return cls(tuple(np.interp(np.arange(longest + 1), lengths, values).tolist()))


def measure_costs(run: Callable[[Window], object], *, longest: int) -> CostTable:
    """Time windows of a few lengths; this warms the model up too.

    Args:
        run: computes one window.
        longest: the model's window, in tokens.
    """
    lengths = [n for n in _LENGTHS if n < longest] + [longest]
    run(_window(_SHORTEST))
    return CostTable.of_points({n: _measure(run, n) for n in lengths}, longest=longest)


def _measure(run: Callable[[Window], object], length: int) -> float:
    window = _window(length)
    times: list[float] = []
    while len(times) < _RUNS and sum(times) < _BUDGET_S:
        begin = time.perf_counter()
        run(window)
        times.append(time.perf_counter() - begin)
    return 1e3 * median(times)


def _window(length: int) -> Window:
    ids = np.full(length, _PLAIN_ID, dtype=np.int64)
    return Window(ids, np.zeros_like(ids), start=0, stop=length, prefix=0)
