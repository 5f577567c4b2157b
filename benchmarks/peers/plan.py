"""What a comparison with the peers measures, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CALLERS", "THREADS", "WORKLOADS", "Plan", "full", "quick", "tiny"]

THREADS = 2
"""Of every server, in total."""
CALLERS = (1, 16)
WORKLOADS = ("short", "mixed", "long")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Sizes of a run."""

    name: str
    budget_s: dict[str, float]
    """For one workload and number of callers, of all subjects together."""
    least_rounds: int
    texts: dict[tuple[str, int], int]
    """Texts of a round, by workload and callers: every subject answers the same ones."""
    scheduler_texts: int
    """Half as many where all are long."""
    scheduler_rounds: int
    idle_s: float
    """For which every server is left alone, to see what it burns meanwhile."""
    stalled_s: float
    """For which headers are held back."""
    big_body_bytes: int = 2 * 1024 * 1024
    """Of a text that is too long."""


def full() -> Plan:
    """Some ten minutes on two cores, with the environments built."""
    return Plan(
        name="full",
        budget_s={"short": 45.0, "mixed": 75.0, "long": 90.0},
        least_rounds=2,
        texts=_texts(short=(48, 192), mixed=(48, 128), long=(8, 32)),
        scheduler_texts=64,
        scheduler_rounds=3,
        idle_s=5.0,
        stalled_s=10.0,
    )


def quick() -> Plan:
    """Some two minutes: shows that every peer works."""
    return Plan(
        name="quick",
        budget_s=dict.fromkeys(WORKLOADS, 0.0),
        least_rounds=1,
        texts=_texts(short=(8, 32), mixed=(8, 32), long=(2, 16)),
        scheduler_texts=16,
        scheduler_rounds=1,
        idle_s=1.0,
        stalled_s=2.0,
    )


def tiny() -> Plan:
    """Some seconds, for a model of two layers: what is measured means nothing."""
    return Plan(
        name="tiny",
        budget_s=dict.fromkeys(WORKLOADS, 0.0),
        least_rounds=1,
        texts=_texts(short=(2, 16), mixed=(16, 16), long=(1, 16)),
        scheduler_texts=8,
        scheduler_rounds=1,
        idle_s=0.1,
        stalled_s=0.2,
        big_body_bytes=1200 * 1024,
    )


def _texts(**counts: tuple[int, int]) -> dict[tuple[str, int], int]:
    return {
        (workload, callers): count
        for workload, pair in counts.items()
        for callers, count in zip(CALLERS, pair, strict=True)
    }
