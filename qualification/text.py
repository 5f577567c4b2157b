"""A text of a million characters, and who waits meanwhile."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.plan import TaskName
from qualification.bench import Bench
from qualification.exchange import connect, read_reply, request_bytes
from qualification.rows import Measurement, Row
from qualification.servers import Served

__all__ = ["ROWS"]

WORD = "week "
LAG_S = 0.05
TENFOLD = 12.0
"""A text ten times as long takes ten times as long; a fifth more is left to chance."""
PAUSE_S = 0.002
ROUTES: dict[TaskName, str] = {"classification": "/classify", "extraction": "/extract"}


@dataclass(slots=True)
class Probe:
    """Asks ``GET /livez`` again and again: what holds up the event loop holds up its answer."""

    port: int
    slowest_s: float = 0.0
    calls: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ask until it is told to stop."""
        with connect(self.port) as connection:
            while not self._stop.is_set():
                begin = time.perf_counter()
                connection.sendall(request_bytes("GET", "/livez"))
                reply = read_reply(connection, begin)
                assert reply.status == 200
                self.slowest_s = max(self.slowest_s, reply.seconds)
                self.calls += 1
                time.sleep(PAUSE_S)

    @contextmanager
    def running(self) -> Iterator[Probe]:
        """Ask beside what the caller does."""
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            thread.join()


def measure_million(bench: Bench) -> Measurement:
    """Texts of 10^4, 10^5 and 10^6 characters: all read, in time that grows with them."""
    longest = bench.pick(1_000_000, 100_000, control=1_000_000)
    sizes = [longest // 100, longest // 10, longest]
    seconds, read, lags = [], [], []
    with bench.serving(bench.shaped()) as served:
        _read(served, "classification", sizes[0])
        for size in sizes:
            with Probe(served.port).running() as probe:
                times = [
                    _read(served, "classification", size) for _ in range(3 if size < longest else 1)
                ]
            seconds.append(min(time for time, _ in times))
            read.append(all(tokens >= size // len(WORD) for _, tokens in times))
            lags.append(probe.slowest_s)
    with bench.serving(bench.tiny("extraction")) as served, Probe(served.port).running() as probe:
        _, tokens = _read(served, "extraction", longest)
        read.append(tokens >= longest // len("paris "))
    lags.append(probe.slowest_s)
    return _figures(seconds, read, lags)


def _read(served: Served, task: TaskName, characters: int) -> tuple[float, int]:
    """Seconds of an answer, and how many tokens it says it has read."""
    words = "paris " if task == "extraction" else WORD
    text = (words * (characters // len(words) + 1))[:characters]
    reply = served.ask("POST", ROUTES[task], {"inputs": text}, timeout_s=600)
    return reply.seconds, int(
        reply.headers.get("x-burnish-tokens", "0")
    ) if reply.status == 200 else 0


def _figures(seconds: list[float], read: list[bool], lags: list[float]) -> Measurement:
    growth = [after / before for before, after in itertools.pairwise(seconds)]
    coverage = "every token reported read" if all(read) else "not all was reported read"
    figure = (
        f"answered in {seconds[-1]:.1f} s, {coverage}; ten times the text, "
        f"{growth[0]:.1f} x and {growth[1]:.1f} x the time; event loop lag {max(lags) * 1e3:.0f} ms"
    )
    passed = all(read) and max(growth) <= TENFOLD and max(lags) <= LAG_S
    return Measurement(figure, passed, {"seconds": seconds, "lags_ms": [lag * 1e3 for lag in lags]})


ROWS = (
    Row(
        name="million-characters",
        test="a text of 10^6 characters",
        anchor="TEI cuts silently",
        bar="answered, coverage reported, time linear (10 x the text <= 12 x the time), "
        "event loop lag (the slowest GET /livez meanwhile) <= 50 ms",
        measure=measure_million,
        guards=("on-the-loop",),
    ),
)
