"""More than the machine can do, and long work beside short: who is answered, and when."""

from __future__ import annotations

import heapq
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from burnish.runtime.cpus import usable_cpus
from qualification.bench import Bench
from qualification.callers import Stream, Traffic, send, sending
from qualification.rows import Measurement, Row
from qualification.servers import Served
from qualification.texts import documents, text_of

__all__ = ["ROWS", "ideal_latencies_s"]

ROUTE = "/classify"
CALLERS = 16
LEVEL = 0.8
STEADY = 0.7
OVERLOADS = (4, 10)
REJECTED_MS = 20.0
QUICK_RATE = 200.0
GOODPUT = 0.9
TAIL = 3.0
OF_IDEAL = 1.5
BESIDE = 2.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a server can do, from callers that wait for their answers."""

    requests_per_s: float
    words_per_s: float
    callers_cpus: float
    """Processors that the callers took meanwhile; they share the machine with the server."""


def measure_overload(bench: Bench, times: int) -> Measurement:
    """Arrivals at a multiple of the capacity, whatever the server does."""
    contents = documents(64, longest=bench.pick(400, 600, control=400), seed=13)
    seconds = bench.pick(20, 2, control=8)
    with bench.serving(bench.shaped()) as served:
        before = _capacity(served, contents, seconds / 2)
        rate = times * before.requests_per_s
        if bench.quick:  # a tiny model answers more a second than the callers can send
            rate = min(rate, QUICK_RATE)
        calm = _open(served, contents, LEVEL * before.requests_per_s, seconds)
        with sending(
            served.port,
            {"flood": Stream(path=ROUTE, contents=contents, rate=rate)},
            seconds=seconds,
        ) as load:
            flood = load.finish()["flood"]
        after = _capacity(served, contents, seconds / 2)
        tried = [_retry_is_true(served, contents, rate) for _ in range(bench.pick(8, 2))]
    true = [good for good in tried if good is not None]
    callers_cpus = load.cpu_s / seconds
    peaks = [each.words_per_s / (usable_cpus() - each.callers_cpus) for each in (before, after)]
    peak = sum(peaks) / len(peaks) * (usable_cpus() - callers_cpus)
    goodput = _words_per_s(flood, contents) / peak
    return _overload_figures(calm, flood, goodput, true, callers_cpus)


def _overload_figures(
    calm: Traffic, flood: Traffic, goodput: float, true: Sequence[bool], callers_cpus: float
) -> Measurement:
    budget_ms = _queue_budget_ms()
    limit_ms = 2 * calm.latency_ms(99) + budget_ms
    p99, rejected = flood.latency_ms(99), flood.of(429)
    told = sum(record.retry_after is not None for record in rejected)
    rejection_ms = flood.latency_ms(99, 429) if rejected else float("inf")
    others = {k: v for k, v in flood.statuses().items() if k not in ("200", "429", "503")}
    figure = (
        f"accepted p99 {p99:.0f} ms, limit {limit_ms:.0f}; {len(rejected):,} of "
        f"{len(flood.records):,} rejected, p99 {rejection_ms:.1f} ms, {told:,} with Retry-After, "
        f"true {sum(true)}/{len(true)}; goodput {goodput:.0%}, the callers took "
        f"{callers_cpus:.2f} processors; other than 200, 429, 503: {sum(others.values())}"
    )
    passed = (
        p99 <= limit_ms
        and rejection_ms <= REJECTED_MS
        and told == len(rejected)
        and bool(true)
        and all(true)
        and goodput >= GOODPUT
        and not others
    )
    details = {
        "calm_p99_ms": calm.latency_ms(99),
        "queue_budget_ms": budget_ms,
        "statuses": flood.statuses(),
        "callers_processors": callers_cpus,
        "calm_statuses": calm.statuses(),
    }
    return Measurement(figure, passed, details)


def _retry_is_true(served: Served, contents: Sequence[object], rate: float) -> bool | None:
    """Whether one who waits as told, while the flood ends, is answered; None: was not refused."""
    with sending(
        served.port, {"flood": Stream(path=ROUTE, contents=contents, rate=rate)}, seconds=2.0
    ) as load:
        time.sleep(2.0)  # the process of the callers needs a moment to begin
        reply = served.ask("POST", ROUTE, contents[0])
        if reply.status == 429:
            time.sleep(float(reply.headers.get("retry-after", "0")))
            again = served.ask("POST", ROUTE, contents[0]).status
        load.finish()
    return again == 200 if reply.status == 429 else None


def measure_steady(bench: Bench) -> Measurement:
    """Texts of one length at 70 % of the capacity, evenly spaced and at Poisson times.

    At Poisson times even a server without any cost of its own has a queue: with two processors and
    texts that all take the same, its p99 is 3.5 x its p50. So that tail is held against the one
    that such a server has at the same arrivals.
    """
    contents = [{"inputs": text_of(bench.pick(64, 600, control=64), seed)} for seed in range(16)]
    seconds = bench.pick(25, 3, control=15)
    with bench.serving(bench.shaped()) as served:
        capacity = _capacity(served, contents, seconds / 3).requests_per_s
        even = _open(served, contents, STEADY * capacity, seconds, even=True)
        poisson = _open(served, contents, STEADY * capacity, seconds)
    ideal_s = ideal_latencies_s(
        [record.meant for record in poisson.records], per_s=capacity, processors=usable_cpus()
    )
    ideal = float(np.percentile(ideal_s, 99) / np.percentile(ideal_s, 50))
    tails = [t.latency_ms(99) / t.latency_ms(50) for t in (even, poisson)]
    figure = (
        f"evenly spaced, p99 {even.latency_ms(99):.1f} ms, p50 {even.latency_ms(50):.1f} ms: "
        f"{tails[0]:.2f} x; at Poisson times {tails[1]:.2f} x, an ideal server {ideal:.2f} x; "
        f"at {STEADY * capacity:.0f} requests/s"
    )
    answered = all(set(t.statuses()) == {"200"} for t in (even, poisson))
    passed = answered and tails[0] <= TAIL and tails[1] <= OF_IDEAL * ideal
    return Measurement(figure, passed, {"statuses": [t.statuses() for t in (even, poisson)]})


def ideal_latencies_s(arrivals_s: Sequence[float], *, per_s: float, processors: int) -> list[float]:
    """Of a queue with nothing beside it: first come, first served, each in the same time.

    Args:
        arrivals_s: when each request comes.
        per_s: how many requests all processors answer a second.
        processors: how many requests are answered at a time.
    """
    free_s = [0.0] * processors
    latencies = []
    for arrival_s in sorted(arrivals_s):
        end_s = max(arrival_s, free_s[0]) + processors / per_s
        heapq.heapreplace(free_s, end_s)
        latencies.append(end_s - arrival_s)
    return latencies


def measure_beside(bench: Bench) -> Measurement:
    """Short texts with and without one long document at a time beside them, turn about."""
    characters = bench.pick(100_000, 30_000, control=100_000)
    short = [{"inputs": text_of(24, seed)} for seed in range(16)]
    document = {"inputs": text_of(characters // 5, 1)[:characters]}
    seconds, rounds = bench.pick(8, 2, control=6), bench.pick(3, 1)
    alone: list[Traffic] = []
    beside: list[Traffic] = []
    documents_read = 0
    with bench.serving(bench.shaped()) as served:
        rate = 0.25 * _capacity(served, short, seconds / 3).requests_per_s
        for _ in range(rounds):
            alone.append(_open(served, short, rate, seconds))
            streams = {
                "short": Stream(path=ROUTE, contents=short, rate=rate),
                "long": Stream(path=ROUTE, contents=[document], callers=1),
            }
            found = send(served.port, streams, seconds=seconds)
            beside.append(found["short"])
            documents_read += len(found["long"].of(200))
    p99 = [_p99_ms(traffics) for traffics in (alone, beside)]
    refused = sum(len(t.records) - len(t.of(200)) for t in (*alone, *beside))
    asked = sum(len(t.records) for t in beside)
    figure = (
        f"the short ones' p99 {p99[1]:.1f} ms beside it, {p99[0]:.1f} ms alone: "
        f"{p99[1] / p99[0]:.2f} x; {refused} of {asked} refused; {documents_read} documents read "
        "meanwhile"
    )
    passed = p99[1] <= BESIDE * p99[0] and documents_read > 0 and not refused
    return Measurement(figure, passed, {"statuses": [t.statuses() for t in beside], "rate": rate})


def _capacity(served: Served, contents: Sequence[object], seconds: float) -> Capacity:
    stream = Stream(path=ROUTE, contents=contents, callers=CALLERS)
    with sending(served.port, {"all": stream}, seconds=seconds) as load:
        found = load.finish()["all"]
    return Capacity(found.rate(), _words_per_s(found, contents), load.cpu_s / seconds)


def _words_per_s(found: Traffic, contents: Sequence[object]) -> float:
    """Answered within the time, weighed by length: to refuse what is long is no goodput."""
    weights = [len(str(content).split()) for content in contents]
    end = found.begin + found.seconds
    return sum(weights[r.index] for r in found.of(200) if r.end <= end) / found.seconds


def _open(
    served: Served, contents: Sequence[object], rate: float, seconds: float, *, even: bool = False
) -> Traffic:
    stream = Stream(path=ROUTE, contents=contents, rate=rate, even=even)
    return send(served.port, {"all": stream}, seconds=seconds)["all"]


def _p99_ms(found: Sequence[Traffic]) -> float:
    return float(np.percentile([r.latency_s for t in found for r in t.of(200)], 99)) * 1e3


def _queue_budget_ms() -> float:
    from burnish.service.settings import Settings

    defaults = Settings.__init__.__kwdefaults__ or {}
    return float(defaults["queue_ms"])


ROWS = (
    *(
        Row(
            name=f"overload-{times}",
            test=f"open-loop load of {times} x capacity",
            anchor="TEI 429",
            bar="accepted p99 <= 2 x its value at 0.8 load plus the queue budget; rejections "
            "(p99) <= 20 ms with a true Retry-After; goodput (words) >= 90 % of the peak on the "
            "processors that the callers leave; no 5xx but 503",
            measure=lambda bench, times=times: measure_overload(bench, times),  # type: ignore[misc]
            guards=("no-admission",),
        )
        for times in OVERLOADS
    ),
    Row(
        name="steady",
        test="latency at 70 % load, texts of one length",
        anchor="none",
        bar="p99 <= 3 x p50 of evenly spaced requests; at Poisson times <= 1.5 x the same ratio "
        "of an ideal server",
        measure=measure_steady,
        guards=("last-come-first",),
    ),
    Row(
        name="long-beside-short",
        test="one long document (10^5 characters) among short texts",
        anchor="none",
        bar="the short ones' p99 <= 2 x without it",
        measure=measure_beside,
        guards=("first-come",),
    ),
)
