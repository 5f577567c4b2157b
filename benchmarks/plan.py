"""What a run of the benchmarks measures, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from burnish.bench import DEFAULT_LENGTHS

__all__ = ["CALLERS", "PRECISIONS", "TASKS", "Plan", "Precision", "TaskName", "full", "quick"]

TaskName = Literal["classification", "extraction", "qa"]
Precision = Literal["fp32", "int8"]

TASKS: tuple[TaskName, ...] = ("classification", "extraction", "qa")
PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")
CALLERS = (1, 4, 16)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Sizes of a run."""

    tasks: tuple[TaskName, ...] = TASKS
    precisions: tuple[Precision, ...] = PRECISIONS
    tokens: tuple[int, ...] = DEFAULT_LENGTHS
    tiny: bool
    """Bundles of two layers that answer in a blink; what is measured then means nothing."""
    latency_s: float
    """For each cell's interleaved calls of runtime, service and bare session."""
    rate_s: float
    """For each number of callers of a cell."""
    compare_s: float
    """For torch, fp32 and int8 together, at one length of one task."""
    mixed_texts: int
    """Texts of mixed lengths that are batched."""
    repetitions: int
    """Of what is not timed by the clock: loading, batching."""


def full() -> Plan:
    """MiniLM's shape, some ten minutes on two cores."""
    return Plan(tiny=False, latency_s=8.0, rate_s=2.0, compare_s=4.0, mixed_texts=64, repetitions=3)


def quick() -> Plan:
    """Tiny bundles, some seconds: shows that every part works."""
    return Plan(
        tokens=(16, 128),
        tiny=True,
        latency_s=0.05,
        rate_s=0.02,
        compare_s=0.02,
        mixed_texts=8,
        repetitions=1,
    )
