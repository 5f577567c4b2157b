"""Server efficiency: processor time a text in bare sessions, by that of the whole server.

Callers in a process of their own keep 16 connections busy; the bare sessions run the same windows,
tokenized beforehand, in as many threads as the server has workers, in a process of their own too.
Both take turns of a second, so that whatever disturbs the machine disturbs both. Only the
server's processor time counts: the callers share its processors.

    .venv/bin/python -m benchmarks.efficiency
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.graph import Graph
from benchmarks.serving import HOST, serving
from burnish.bench.texts import inputs_of_length
from burnish.bundle import read_bundle
from burnish.runtime import usable_cpus
from burnish.tasks import ClassificationTask

__all__ = ["Efficiency", "measure_efficiency", "texts_of"]

CALLERS = 16
MEDIAN_TOKENS, SPREAD, FEWEST, MOST = 32, 0.7, 8, 256
MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Figures of one load."""

    load: str
    bare_cpu_ms: float
    server_cpu_ms: float
    requests_per_s: float
    efficiency: float
    """Bare by server, the median over turns."""


def measure_efficiency(
    bundle: Path, loads: Sequence[str], *, turns: int = 5, turn_s: float = 1.0
) -> Iterator[Efficiency]:
    """Measure a classifier's bundle under each load: a number of tokens, or ``mixed``."""
    with serving([bundle]) as server:
        for load in loads:
            texts = texts_of(bundle, load)
            with (
                _child("call", bundle, load, server.port) as callers,
                _child("bare", bundle, load, 0) as bare,
            ):
                _turn(callers, turn_s)
                rounds = []
                for _ in range(turns):
                    before = server.cpu_s()
                    called = _turn(callers, turn_s)
                    served = server.cpu_s() - before
                    alone = _turn(bare, turn_s)
                    rounds.append((alone["cpu_s"] / alone["texts"], served / called["texts"],
                                   called["texts"] / called["wall_s"]))  # fmt: skip
            del texts
            yield Efficiency(
                load=load,
                bare_cpu_ms=1e3 * median(r[0] for r in rounds),
                server_cpu_ms=1e3 * median(r[1] for r in rounds),
                requests_per_s=median(r[2] for r in rounds),
                efficiency=median(r[0] / r[1] for r in rounds),
            )


def texts_of(bundle: Path, load: str) -> list[str]:
    """Texts of a number of tokens, or of mixed lengths (lognormal, median 32)."""
    read = read_bundle(bundle)
    task = read.manifest.task
    assert isinstance(task, ClassificationTask)
    encoder = task.text_encoder(read.tokenizer_path)
    if load != MIXED:
        return [str(text) for text in inputs_of_length(task, encoder, int(load))]
    drawn = np.random.default_rng(13).lognormal(np.log(MEDIAN_TOKENS), SPREAD, 64)
    lengths = [round(n) for n in np.clip(drawn, FEWEST, min(MOST, task.max_length))]
    return [
        str(inputs_of_length(task, encoder, n, count=1 + i % 4)[-1]) for i, n in enumerate(lengths)
    ]


@contextmanager
def _child(role: str, bundle: Path, load: str, port: int) -> Iterator[subprocess.Popen[str]]:
    """A process that does a turn for every line that it is given."""
    command = [sys.executable, "-m", __spec__.name, role, str(bundle), load, str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _turn(process: subprocess.Popen[str], seconds: float) -> dict[str, float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{seconds}\n")
    process.stdin.flush()
    result: dict[str, float] = json.loads(process.stdout.readline())
    return result


def _call(bundle: Path, load: str, port: int) -> None:
    """Keep every connection busy with one request at a time."""
    requests = [_request(text) for text in texts_of(bundle, load)]
    sockets = [socket.create_connection((HOST, port)) for _ in range(CALLERS)]
    for each in sockets:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    upcoming = cycle(requests)
    for line in sys.stdin:
        print(json.dumps(_call_for(sockets, upcoming, float(line))), flush=True)


def _call_for(
    sockets: Sequence[socket.socket], upcoming: Iterator[bytes], seconds: float
) -> dict[str, float]:
    selector = selectors.DefaultSelector()
    begin, texts = time.perf_counter(), 0
    for each in sockets:
        selector.register(each, selectors.EVENT_READ)
        each.sendall(next(upcoming))
    waiting = len(sockets)
    while waiting:
        for key, _ in selector.select():
            caller = key.fileobj
            assert isinstance(caller, socket.socket)
            reply = caller.recv(65536)
            if not reply.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"not an answer: {reply[:300]!r}")
            texts += 1
            if time.perf_counter() - begin < seconds:
                caller.sendall(next(upcoming))
            else:
                waiting -= 1
    selector.close()
    return {"texts": texts, "wall_s": time.perf_counter() - begin}


def _request(text: str) -> bytes:
    body = json.dumps({"inputs": text}).encode()
    head = (
        f"POST /classify HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _bare(bundle: Path, load: str) -> None:
    """Run the windows in one session, from as many threads as a server has."""
    read = read_bundle(bundle)
    task = read.manifest.task
    assert isinstance(task, ClassificationTask)
    encoder = task.text_encoder(read.tokenizer_path)
    windows = [task.encode(text, encoder).windows[0] for text in texts_of(bundle, load)]
    graph = Graph(read)
    graph.run([windows[0]])
    for line in sys.stdin:
        done = [0] * usable_cpus()
        end = time.perf_counter() + float(line)

        def run(thread: int, done: list[int] = done, end: float = end) -> None:
            for window in cycle(windows):
                graph.run([window])
                done[thread] += 1
                if time.perf_counter() > end:
                    return

        threads = [threading.Thread(target=run, args=(n,)) for n in range(len(done))]
        before = time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps({"texts": sum(done), "cpu_s": time.process_time() - before}), flush=True)


def main() -> None:
    """Print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", nargs="?", choices=("call", "bare"))
    parser.add_argument("given", nargs="*")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--load", action="append")
    parser.add_argument("--precision", default="int8")
    options = parser.parse_args()
    if options.role == "call":
        _call(Path(options.given[0]), options.given[1], int(options.given[2]))
    elif options.role == "bare":
        _bare(Path(options.given[0]), options.given[1])
    else:
        from benchmarks.minilm_subjects import minilm_subject

        bundle = minilm_subject("classification", Path(".cache/bench")).bundles[options.precision]
        loads = options.load or ["16", "64", "128", MIXED]
        print(
            f"{'load':>6} {'bare CPU-ms':>12} {'server CPU-ms':>14} {'req/s':>8} {'efficiency':>10}"
        )
        for found in measure_efficiency(bundle, loads, turns=options.turns):
            print(f"{found.load:>6} {found.bare_cpu_ms:12.3f} {found.server_cpu_ms:14.3f} "
                  f"{found.requests_per_s:8.0f} {found.efficiency:10.3f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
