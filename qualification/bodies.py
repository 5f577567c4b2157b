"""Bodies that are too large or too deep."""

from __future__ import annotations

import statistics
import time

from qualification.bench import Bench
from qualification.exchange import connect, read_reply, request_bytes
from qualification.rows import Measurement, Row
from qualification.servers import Served

__all__ = ["ROWS"]

LIMIT_BYTES = 1024 * 1024
GROWTH_BYTES = 1024 * 1024
DEPTH = 1_000_000
DEEP_S = 0.05
CHUNK = b"20000\r\n" + b"x" * 0x20000 + b"\r\n"


def measure_oversize(bench: Bench) -> Measurement:
    """Bodies of 2 MiB, declared and chunked: their replies, and the memory that they leave."""
    count = bench.pick(1000, 40)
    statuses: list[int] = []
    with bench.serving(bench.tiny("classification")) as served:
        just = _declared(served, LIMIT_BYTES)
        warm_up = [_oversize(served, number) for number in range(max(20, count // 10))]
        # What a request leaves grows with each round; what is allocated once, in one of them.
        rounds = [_growth(served, count, statuses) for _ in range(2)]
        alive = served.is_ready()
    growth = min(rounds)
    refused = statuses.count(413)
    within = just not in (0, 413)
    figure = (
        f"{refused}/{len(statuses)} are 413, a body of 1 MiB is {just}; "
        f"memory {growth / 2**20:+.2f} MiB"
    )
    passed = refused == len(statuses) and within and alive and growth <= GROWTH_BYTES
    return Measurement(figure, passed, {"growth_bytes": rounds, "warm_up": len(warm_up)})


def _growth(served: Served, count: int, statuses: list[int]) -> int:
    """Bytes of memory that `count` bodies leave; their replies are added to `statuses`."""
    # Not what pages shared with others count for: that changes when these come and go.
    before = served.usage.anonymous_bytes()
    statuses += [_oversize(served, number) for number in range(count)]
    return served.usage.anonymous_bytes() - before


def _oversize(served: Served, number: int) -> int:
    return _chunked(served) if number % 2 else _declared(served, 2 * LIMIT_BYTES)


def _declared(served: Served, size: int) -> int:
    body = b'{"inputs":"' + b"x " * (size // 2)
    return served.ask("POST", "/classify", body[: size - 2] + b'"}').status


def _chunked(served: Served) -> int:
    head = request_bytes(
        "POST",
        "/classify",
        headers={"Transfer-Encoding": "chunked", "Content-Type": "application/json"},
    )
    with connect(served.port) as connection:
        connection.sendall(head)
        try:
            for _ in range(2 * LIMIT_BYTES // 0x20000):
                connection.sendall(CHUNK)
            connection.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # the server has closed: what it said is read below
        return read_reply(connection, time.perf_counter()).status


def measure_deep(bench: Bench) -> Measurement:
    """JSON of a million brackets."""
    half = DEPTH // 2
    bodies = [b"[" * DEPTH, b"[" * half + b"]" * half, b'{"inputs":' + b"[" * (DEPTH - 99)]
    bodies.append(b'{"a":' * (LIMIT_BYTES // 5))
    repetitions = bench.pick(9, 3)
    slowest, statuses = 0.0, []
    with bench.serving(bench.tiny("classification")) as served:
        served.ask("POST", "/classify", {"inputs": "the week"})
        for body in bodies:
            replies = [served.ask("POST", "/classify", body) for _ in range(repetitions)]
            statuses += [reply.status for reply in replies]
            slowest = max(slowest, statistics.median(reply.seconds for reply in replies))
        alive = served.ask("GET", "/livez").status == 200
    good = statuses.count(400)
    state = "still live" if alive else "no longer live"
    figure = (
        f"{good}/{len(statuses)} are 400, the slowest form in {slowest * 1e3:.0f} ms "
        f"(median of {repetitions}); {state}"
    )
    passed = good == len(statuses) and alive and slowest <= DEEP_S
    return Measurement(figure, passed, {"slowest_ms": slowest * 1e3})


ROWS = (
    Row(
        name="oversize",
        test="oversize body, declared or chunked",
        anchor="Triton 64 MiB, TEI 2 MB",
        bar="413 at 1 MiB; memory + <= 1 MiB after 1,000",
        measure=measure_oversize,
        guards=("no-body-limit",),
        timed=False,
    ),
    Row(
        name="deep-json",
        test="JSON 10^6 deep",
        anchor="Triton: 400",
        bar="400 in <= 50 ms, still live",
        measure=measure_deep,
        guards=("no-depth-limit",),
    ),
)
