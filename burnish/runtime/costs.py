"""The cost of a window on this machine: a table that is measured when a model is loaded.

A window's time depends on its length alone. A few measured lengths are enough to estimate any
text's cost before it is computed. Where a model writes, each step of its decoder costs as much
again, by the number of its beams.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from burnish.tasks.windows import Window

__all__ = ["CostTable", "measure_costs", "plain_window"]

_LENGTHS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_RUNS = 5
"""Measurements per length, of which the median counts. Chosen."""
_BUDGET_S = 0.06
"""Time to spend on one length. Chosen: a large model's long windows are measured only once."""
_PLAIN_ID = 7
_SHORTEST = 4
_NOMINAL_MS = 0.1
"""The order of magnitude of a small encoder's time per token. Chosen."""
_NOMINAL_STEP_MS = 1.0
"""The same for a small decoder's step, and for each of its beams. Chosen."""


@dataclass(frozen=True, slots=True)
class CostTable:
    """Milliseconds of one thread for one window, by length."""

    by_length_ms: tuple[float, ...]
    """From 0 tokens to the model's window."""
    step_ms: float = 0.0
    """A decoder step, without its beams."""
    beam_ms: float = 0.0
    """Each beam of a decoder step."""

    def window_ms(self, length: int) -> float:
        """The cost of a window of ``length`` tokens."""
        return self.by_length_ms[min(length, len(self.by_length_ms) - 1)]

    def steps_ms(self, steps: float, *, beams: int) -> float:
        """The cost of so many decoder steps."""
        return steps * (self.step_ms + beams * self.beam_ms)

    def with_steps(self, points: dict[int, float]) -> CostTable:
        """The table with the costs of decoder steps.

        Args:
            points: measured milliseconds of a step, by two numbers of beams.
        """
        (few, few_ms), (many, many_ms) = sorted(points.items())
        beam_ms = min(max(0.0, (many_ms - few_ms) / (many - few)), few_ms / few)
        return replace(self, step_ms=few_ms - few * beam_ms, beam_ms=beam_ms)

    @classmethod
    def nominal(cls, *, longest: int) -> CostTable:
        """A table without measurement: good enough to share processors, not to promise a time."""
        by_length = tuple(_NOMINAL_MS * length for length in range(longest + 1))
        return cls(by_length, step_ms=_NOMINAL_STEP_MS, beam_ms=_NOMINAL_STEP_MS)

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
    run(plain_window(_SHORTEST))
    return CostTable.of_points({n: _measure(run, n) for n in lengths}, longest=longest)


def _measure(run: Callable[[Window], object], length: int) -> float:
    window = plain_window(length)
    times: list[float] = []
    while len(times) < _RUNS and sum(times) < _BUDGET_S:
        begin = time.perf_counter()
        run(window)
        times.append(time.perf_counter() - begin)
    return 1e3 * median(times)


def plain_window(length: int) -> Window:
    """A window of so many equal tokens."""
    ids = np.full(length, _PLAIN_ID, dtype=np.int64)
    return Window(ids, np.zeros_like(ids), start=0, stop=length, prefix=0)
