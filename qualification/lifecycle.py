"""A server that is stopped or killed under load, and clients that go away."""

from __future__ import annotations

import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psutil

from qualification.bench import Bench
from qualification.callers import Record, Stream, sending
from qualification.exchange import connect, read_reply, request_bytes
from qualification.rows import Measurement, Row
from qualification.servers import HOST, Served, free_port
from qualification.texts import text_of

__all__ = ["ROWS"]

ROUTE = "/classify"
ACCEPTED_S = 0.1
"""Sent so long before the signal, a request has been taken from its socket."""
GONE_SHARE = 0.01
GONE_SHARE_QUICK = 0.05
"""A tiny model computes dozens of windows before the system tells that a client has left."""
TOGETHER = 2


@dataclass(frozen=True, slots=True)
class Stopped:
    """One SIGTERM under load."""

    accepted: int
    lost: int
    exit_code: int | None


def measure_stop(bench: Bench) -> Measurement:
    """SIGTERM while callers ask: every request that was in is answered."""
    count = bench.pick(50, 2)
    bench.tiny("classification")  # made once, before the threads
    with ThreadPoolExecutor(TOGETHER) as pool:
        found = list(pool.map(lambda n: _stop(bench.part(str(n))), range(count)))
    accepted, lost = sum(one.accepted for one in found), sum(one.lost for one in found)
    clean = sum(one.exit_code == 0 for one in found)
    figure = f"{lost} of {accepted} accepted requests lost in {count} stops; {clean} clean exits"
    return Measurement(figure, lost == 0 and accepted >= count and clean == count)


def _stop(bench: Bench) -> Stopped:
    contents = [{"inputs": text_of(10_000, seed)} for seed in range(8)]
    stream = Stream(path=ROUTE, contents=contents, callers=12)
    with bench.serving(bench.tiny("classification")) as served:
        with sending(served.port, {"all": stream}, seconds=1.5) as load:
            time.sleep(1.1)
            signalled = time.monotonic()
            served.process.send_signal(signal.SIGTERM)
            records = load.finish()["all"].records
        exit_code = served.process.wait(30)
    inside = [r for r in records if _is_accepted(r, signalled)]
    return Stopped(len(inside), sum(record.status != 200 for record in inside), exit_code)


def _is_accepted(record: Record, signalled: float) -> bool:
    """Sent a while before the signal and not answered before it."""
    sent = record.sent
    return sent is not None and sent < signalled - ACCEPTED_S and record.end > signalled


def measure_kill(bench: Bench) -> Measurement:
    """Kill -9 under load, start again on the same port."""
    count = bench.pick(50, 2, control=2)
    share = max(1, count // TOGETHER)
    bench.tiny("classification")
    with ThreadPoolExecutor(TOGETHER) as pool:
        parts = list(pool.map(lambda n: _kills(bench.part(str(n)), share), range(count // share)))
    times = [seconds for part in parts for seconds in part if seconds is not None]
    total = sum(map(len, parts))
    slowest = max(times, default=float("inf"))
    figure = f"{len(times)}/{total} back and ready, the slowest after {slowest:.1f} s"
    figure += "; no orphan held the port" if len(times) == total else ""
    return Measurement(figure, len(times) == total == count, {"seconds": times})


def _kills(bench: Bench, count: int) -> list[float | None]:
    """Seconds until each next server was ready; None where something still held the port."""
    port, found = free_port(), list[float | None]()
    for _ in range(count):
        with bench.serving(bench.tiny("classification"), port=port) as served:
            tree = psutil.Process(served.pid).children(recursive=True)
            with sending(
                port,
                {"all": Stream(path=ROUTE, contents=[{"inputs": "week"}], callers=4)},
                seconds=0.3,
            ):
                time.sleep(0.2)
                served.process.kill()
                served.process.wait()
            orphans = psutil.wait_procs(tree, timeout=1)[1] or _is_open(port)
            for left in psutil.wait_procs(tree, timeout=0)[1]:
                left.kill()
        begin = time.monotonic()
        if orphans:
            found.append(None)
            continue
        with bench.serving(bench.tiny("classification"), port=port):
            found.append(time.monotonic() - begin)
    return found


def _is_open(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((HOST, port)) == 0


def measure_gone(bench: Bench) -> Measurement:
    """Clients that go away while their work waits behind others'."""
    clients = bench.pick(40, 10)
    with bench.serving(bench.shaped(), options=("--queue-ms", "6000000")) as served:
        blocked = _blocked(served, bench.pick(30_000, 200_000, control=30_000))
        time.sleep(0.5)
        waiting = [connect(served.port) for _ in range(clients)]
        body = {"inputs": text_of(100_000 if bench.quick else 20_000, 3)}
        for connection in waiting:
            connection.sendall(request_bytes("POST", ROUTE, body))
        time.sleep(0.02)
        for connection in waiting:
            connection.close()
        replies = [_windows(connection) for connection in blocked]
        _wait_idle(served)
        computed = served.metric("burnish_computed_windows_total") - sum(replies)
        each = int(served.ask("POST", ROUTE, body).headers["x-burnish-windows"])
    limit = GONE_SHARE_QUICK if bench.quick else GONE_SHARE
    share = max(0.0, computed) / (each * clients)
    figure = (
        f"{1 - share:.2%} of the work of {clients} clients that left was never computed "
        f"({max(0, int(computed)):,} of {each * clients:,} windows were)"
    )
    return Measurement(figure, share <= limit, {"answered": len(replies)})


def _blocked(served: Served, words: int) -> list[socket.socket]:
    """Callers whose work keeps every worker busy for a while."""
    found = []
    for number in range(2):
        connection = connect(served.port)
        connection.sendall(request_bytes("POST", ROUTE, {"inputs": text_of(words, number)}))
        found.append(connection)
    return found


def _windows(connection: socket.socket) -> int:
    reply = read_reply(connection, time.perf_counter())
    connection.close()
    if reply.status != 200:
        raise RuntimeError(f"a caller that stayed got {reply.status}")
    return int(reply.headers["x-burnish-windows"])


def _wait_idle(served: Served) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if served.metric("burnish_queue_seconds") <= 0.0:
            break
        time.sleep(0.1)
    time.sleep(0.2)


ROWS = (
    Row(
        name="stop-load",
        test="SIGTERM under load x 50",
        anchor="drains, no figure",
        bar="0 accepted requests lost",
        measure=measure_stop,
        guards=("no-drain",),
        timed=False,
    ),
    Row(
        name="kill",
        test="kill -9 of the server x 50",
        anchor="restart",
        bar="back and ready; no orphan holds the port",
        measure=measure_kill,
        guards=("orphan",),
        timed=False,
    ),
    Row(
        name="client-gone",
        test="client gone while queued",
        anchor="Triton cancels",
        bar=">= 99 % of its work never computed",
        measure=measure_gone,
        guards=("ignores-leaving",),
    ),
)
