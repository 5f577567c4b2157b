"""Bodies of many unknown JSON keys, and what they cost a healthy client."""

from __future__ import annotations

from collections import Counter

import numpy as np

from qualification.bench import Bench
from qualification.callers import Stream, send
from qualification.rows import Measurement
from qualification.servers import Served

__all__ = ["measure_keys_flood"]

SLOWDOWN = 1.5

SLOWEST_MS = 30.0
HEALTHY = {"inputs": "my card is not in the parcel"}


def measure_keys_flood(bench: Bench) -> Measurement:
    """Four connections that post 85,000 unknown keys each, a healthy client beside them."""
    bundle = bench.shaped()
    flood = Stream(path="/classify", contents=[{f"{n:x}": 1 for n in range(85_000)}], callers=4)
    one = Stream(path="/classify", contents=[HEALTHY], callers=1, pause_s=0.02)
    rounds, seconds = bench.pick(5, 1), bench.pick(6, 2)
    alone: list[float] = []
    beside: list[float] = []
    answers: Counter[int] = Counter()
    with bench.serving(bundle) as served:
        _latencies(served, one, 1)
        for _ in range(rounds):
            alone += _latencies(served, one, seconds)
            both = send(served.port, {"one": one, "flood": flood}, seconds=seconds)
            beside += [record.latency_s for record in both["one"].of(200)]
            answers.update(record.status for record in both["flood"].records)
    p50 = [float(np.percentile(times, 50)) * 1e3 for times in (alone, beside)]
    p99 = [float(np.percentile(times, 99)) * 1e3 for times in (alone, beside)]
    figure = (
        f"p50 {p50[0]:.1f} → {p50[1]:.1f} ms, p99 {p99[0]:.1f} → {p99[1]:.1f} ms; "
        f"{answers[422]} bodies refused"
    )
    # The callers write 30 MB a second on the same processors: some slowdown is theirs.
    good = p50[1] <= SLOWDOWN * p50[0] and p99[1] <= SLOWEST_MS and set(answers) == {422}
    return Measurement(figure, good, {"p50": p50})


def _latencies(served: Served, stream: Stream, seconds: float) -> list[float]:
    found = send(served.port, {"one": stream}, seconds=seconds)["one"]
    return [record.latency_s for record in found.of(200)]
