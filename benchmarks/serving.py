"""A real `burnish serve` process on the loopback address, and callers of it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from burnish.service.routes import TASK_PATHS
from burnish.tasks import Input

__all__ = ["Caller", "Server", "serving"]

HOST = "127.0.0.1"
READY_WITHIN_S = 60.0
POLL_S = 0.01
STOP_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready."""

    port: int
    process: psutil.Process
    ready_s: float
    """From the start of its process until ``/readyz`` said yes."""

    def cpu_s(self) -> float:
        """Processor time that its processes have used so far.

        psutil counts in ticks of 10 ms, too coarse for a few requests: Linux's clock of a process
        (clock_getcpuclockid(3)) counts in nanoseconds.
        """
        return sum(_cpu_s(process) for process in self._tree())

    def memory_bytes(self) -> int:
        """What its processes hold now; pages that they share are counted once."""
        return sum(_held_bytes(process) for process in self._tree())

    def anonymous_bytes(self) -> int:
        """What its processes have written to memory; files that they map with others count not."""
        return sum(_anonymous_bytes(process) for process in self._tree())

    def _tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


class Caller:
    """One caller with one connection, which is kept open."""

    def __init__(self, server: Server, task: str, *, model: str) -> None:
        self._connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
        self._route = TASK_PATHS[task]
        self._model = model

    def __call__(self, given: Input) -> None:
        """Ask, and read the whole answer."""
        inputs = given if isinstance(given, str) else asdict(given)
        body = json.dumps({"inputs": inputs, "model": self._model}).encode()
        self._connection.request(
            "POST", self._route, body, headers={"Content-Type": "application/json"}
        )
        reply = self._connection.getresponse()
        content = reply.read()
        if reply.status != http.client.OK:
            raise RuntimeError(f"{self._route}: {reply.status} {content[:300]!r}")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def serving(bundles: Sequence[Path]) -> Iterator[Server]:
    """Start a server of bundles, wait until it is ready, and stop it in the end."""
    port = _free_port()
    command = [sys.executable, "-m", "burnish", "serve", *map(str, bundles), "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BURNISH_")}
    with tempfile.TemporaryFile("w+") as log:
        begin = time.perf_counter()
        with subprocess.Popen(command, stdout=log, stderr=log, env=environment) as started:
            process = psutil.Process(started.pid)
            try:
                while not _is_ready(port):
                    if started.poll() is not None or time.perf_counter() - begin > READY_WITHIN_S:
                        log.seek(0)
                        raise RuntimeError(
                            f"burnish serve did not get ready:\n{log.read()[-3000:]}"
                        )
                    time.sleep(POLL_S)
                yield Server(port, process, time.perf_counter() - begin)
            finally:
                _stop(process)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: psutil.Process) -> None:
    try:
        tree = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    _, alive = psutil.wait_procs(tree, timeout=STOP_WITHIN_S)
    for left in alive:
        left.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _cpu_s(process: psutil.Process) -> float:
    if psutil.LINUX:
        return time.clock_gettime((~process.pid << 3) | 2)
    times = process.cpu_times()
    return float(times.user + times.system)


def _anonymous_bytes(process: psutil.Process) -> int:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
    (line,) = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return int(line.split()[1]) * 1024


def _held_bytes(process: psutil.Process) -> int:
    memory = process.memory_full_info()
    return int(getattr(memory, "pss", memory.rss))
