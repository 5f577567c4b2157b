"""Whether memory grows while texts of all lengths are answered."""

from __future__ import annotations

import time

import numpy as np

from qualification.bench import Bench
from qualification.callers import Stream, sending
from qualification.rows import Measurement, Row
from qualification.texts import documents

__all__ = ["ROWS"]

LIMIT_MIB_H = 1.0
EVERY_S = 1.0
WARM_UP = 0.25
MEBIBYTE = 1024.0 * 1024.0
BLOCK_S = 30.0
"""Neighbouring samples say the same: a block's mean counts as one."""


def measure_memory(bench: Bench) -> Measurement:
    """Memory every second, while four callers ask; the slope after a quarter of the time."""
    seconds = bench.pick(1200, 20, control=90)
    contents = documents(200, longest=400, seed=29)
    streams = {"all": Stream(path="/classify", contents=contents, callers=4, pause_s=0.05)}
    samples: list[tuple[float, float]] = []
    with (
        bench.serving(bench.tiny("classification")) as served,
        sending(served.port, streams, seconds=seconds) as load,
    ):
        begin = time.monotonic()
        while load.process.poll() is None and time.monotonic() - begin < seconds:
            samples.append((time.monotonic() - begin, served.usage.memory_bytes() / MEBIBYTE))
            time.sleep(EVERY_S)
        answered = len(load.finish()["all"].of(200))
    slope, upper = _slope([s for s in samples if s[0] > WARM_UP * seconds], seconds)
    figure = (
        f"{slope:+.2f} MiB/h, upper bound {upper:+.2f}, over {seconds / 60:.0f} minutes and "
        f"{answered:,} answers; {samples[-1][1]:.0f} MiB"
    )
    short = bench.quick and not bench.is_control
    details = {"samples": samples[:: max(1, len(samples) // 200)]}
    return Measurement(figure, answered > 0 and (short or upper <= LIMIT_MIB_H), details)


def _slope(samples: list[tuple[float, float]], seconds: float) -> tuple[float, float]:
    """MiB an hour, and its one-sided 95 % bound from the residuals of blocks."""
    block_s = min(BLOCK_S, seconds / 12)
    blocks: dict[int, list[tuple[float, float]]] = {}
    for sample in samples:
        blocks.setdefault(int(sample[0] / block_s), []).append(sample)
    means = np.array([np.mean(block, axis=0) for block in blocks.values()])
    hours, held = means[:, 0] / 3600, means[:, 1]
    slope, start = np.polyfit(hours, held, 1)
    residuals = held - (slope * hours + start)
    freedom = max(1, len(hours) - 2)
    error = np.sqrt((residuals**2).sum() / freedom / ((hours - hours.mean()) ** 2).sum())
    return float(slope), float(slope + _t95(freedom) * error)


def _t95(freedom: int) -> float:
    """Student's t, one-sided 95 %, by Hill's expansion from the normal quantile (1970)."""
    z = 1.6448536269514722
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


ROWS = (
    Row(
        name="memory",
        test="memory over 20 minutes of mixed lengths",
        anchor="Triton <= 100 MB",
        bar="slope's upper 95 % bound <= 1 MiB/h after warm-up",
        measure=measure_memory,
        guards=("leaks",),
        timed=False,
    ),
)
