"""Clients that never finish: headers and bodies that stall, and a server that is to stop."""

from __future__ import annotations

import selectors
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qualification.bench import Bench
from qualification.callers import Stream, send
from qualification.exchange import connect, request_bytes
from qualification.rows import Measurement, Row
from qualification.servers import Served

__all__ = ["ROWS"]

HEADER_S, BODY_S = 6.0, 11.0
SLOWDOWN = 1.2
EXIT_S = 15.0
HEADER = b"POST /classify HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = request_bytes("POST", "/classify", b"", headers={"Content-Length": "100000"}) + b'{"inputs":'
TEXT = {"inputs": "my card is not in the parcel of the week"}
DRIP_S = 0.5


@dataclass(slots=True)
class Stalled:
    """Connections that send a byte now and then, and when the server closed each."""

    headers: int
    bodies: int
    closed_s: dict[str, list[float]] = field(default_factory=dict)

    def hold(self, port: int, seconds: float) -> None:
        """Open them, and keep them until all are closed or the time is over."""
        begin = time.monotonic()
        self.closed_s = {"header": [], "body": []}
        with selectors.DefaultSelector() as waiting:
            for kind, sent, count in (
                ("header", HEADER, self.headers),
                ("body", BODY, self.bodies),
            ):
                for _ in range(count):
                    connection = connect(port)
                    connection.sendall(sent)
                    waiting.register(connection, selectors.EVENT_READ, (kind, time.monotonic()))
            drip = time.monotonic()
            while waiting.get_map() and time.monotonic() - begin < seconds:
                for key, _ in waiting.select(0.05):
                    kind, opened = key.data
                    self._read(waiting, key.fileobj, kind, opened)
                if time.monotonic() - drip > DRIP_S:
                    drip = time.monotonic()
                    _drip(waiting)
            for key in list(waiting.get_map().values()):
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.close()

    def _read(
        self, waiting: selectors.BaseSelector, connection: object, kind: str, opened: float
    ) -> None:
        assert isinstance(connection, socket.socket)
        try:
            ended = not connection.recv(65536)
        except OSError:
            ended = True
        if ended:
            self.closed_s[kind].append(time.monotonic() - opened)
            waiting.unregister(connection)
            connection.close()


def _drip(waiting: selectors.BaseSelector) -> None:
    for key in list(waiting.get_map().values()):
        assert isinstance(key.fileobj, socket.socket)
        with suppress(OSError):  # closed: the next turn reads it
            key.fileobj.send(b" ")


def measure_stalled(bench: Bench) -> Measurement:
    """Stalled connections, a healthy client beside them; turn about without and with them."""
    hasty = bench.quick and not bench.is_control
    header_s, body_s = (2.0, 3.0) if hasty else (HEADER_S, BODY_S)
    stalled = Stalled(bench.pick(200, 20), bench.pick(50, 5))
    rounds, seconds = bench.pick(4, 1), header_s - 1.5
    alone: list[float] = []
    beside: list[float] = []
    closed: dict[str, list[float]] = {"header": [], "body": []}
    with bench.serving(bench.tiny(), guards_off=("hasty",) if hasty else ()) as served:
        _healthy(served, 0.5)
        for _ in range(rounds):
            alone += _healthy(served, seconds)
            holder = threading.Thread(target=stalled.hold, args=(served.port, body_s + 1.0))
            holder.start()
            time.sleep(0.5)
            beside += _healthy(served, seconds)
            holder.join()
            for kind, times in stalled.closed_s.items():
                closed[kind] += times
        alive = served.is_ready()
    return _stalled_figures(stalled, rounds, closed, (header_s, body_s), (alone, beside), alive)


def _stalled_figures(
    stalled: Stalled,
    rounds: int,
    closed: dict[str, list[float]],
    limits: tuple[float, float],
    latencies: tuple[list[float], list[float]],
    alive: bool,
) -> Measurement:
    slowest = {kind: max(times, default=float("inf")) for kind, times in closed.items()}
    p99 = [float(np.percentile(times, 99)) * 1e3 for times in latencies]
    ratio = p99[1] / p99[0]
    wanted = (stalled.headers * rounds, stalled.bodies * rounds)
    all_closed = (len(closed["header"]), len(closed["body"])) == wanted
    in_time = slowest["header"] <= limits[0] and slowest["body"] <= limits[1]
    figure = (
        f"{len(closed['header'])}/{wanted[0]} headers closed, the last after "
        f"{slowest['header']:.1f} s; {len(closed['body'])}/{wanted[1]} bodies, "
        f"{slowest['body']:.1f} s; p99 {ratio:.2f} x"
    )
    details = {"p99_alone_ms": p99[0], "p99_beside_ms": p99[1], "calls": len(latencies[1])}
    return Measurement(figure, all_closed and in_time and ratio <= SLOWDOWN and alive, details)


def _healthy(served: Served, seconds: float) -> list[float]:
    stream = Stream(path="/classify", contents=[TEXT], callers=1)
    return [r.latency_s for r in send(served.port, {"one": stream}, seconds=seconds)["one"].of(200)]


def measure_stop(bench: Bench) -> Measurement:
    """SIGTERM while clients stall: how long until the process has gone."""
    count = bench.pick(20, 1)
    bundle = bench.tiny("classification")
    with ThreadPoolExecutor(4) as pool:
        times = list(pool.map(lambda number: _stop_time(bench, bundle, number), range(count)))
    good = sum(seconds <= EXIT_S for seconds in times)
    figure = f"{good}/{count} in {EXIT_S:g} s, the slowest {max(times):.1f} s"
    return Measurement(figure, good == count, {"seconds": times})


def _stop_time(bench: Bench, bundle: Path, number: int) -> float:
    hasty = ("hasty",) if bench.quick and not bench.is_control else ()
    with bench.part(str(number)).serving(bundle, guards_off=hasty) as served:
        clients = [connect(served.port) for _ in range(20)]
        for index, client in enumerate(clients):
            client.sendall(BODY if index % 2 else HEADER)
        time.sleep(0.2)
        begin = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        try:
            served.process.wait(EXIT_S + 1)
        except subprocess.TimeoutExpired:
            served.process.kill()
        seconds = time.monotonic() - begin
        for client in clients:
            client.close()
        return seconds


ROWS = (
    Row(
        name="stalled",
        test="200 stalled headers, 50 slow bodies",
        anchor="uvicorn keeps all open",
        bar="all closed <= 6 s / <= 11 s; a healthy client's p99 <= 1.2 x",
        measure=measure_stalled,
        guards=("no-deadlines",),
    ),
    Row(
        name="stop-stalled",
        test="SIGTERM with 20 stalled clients",
        anchor="Triton 30 s",
        bar="exit <= 15 s, 20/20",
        measure=measure_stop,
        guards=("no-deadlines", "endless-drain"),
        timed=False,
    ),
)
