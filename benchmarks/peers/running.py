"""Servers of the comparison: started, watched, asked and stopped."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.peers.model import PeerModel
from benchmarks.peers.plan import THREADS
from benchmarks.peers.subjects import Subject
from benchmarks.serving import HOST, Server

__all__ = ["Connection", "Running", "StartError", "running"]

READY_WITHIN_S = 120.0
ANSWER_WITHIN_S = 60.0
POLL_S = 0.05
STOP_WITHIN_S = 10.0
SAID_CHARACTERS = 400
LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS", "OPENBLAS_NUM_THREADS")
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "PYTHONUNBUFFERED": "1",
}
"""No server may call anybody."""
SPARED = {"OMP_WAIT_POLICY": "PASSIVE"}
"""torch's threads spin by default: beside a client on the same machine that costs seven times."""


class StartError(Exception):
    """A server did not get ready; the message says what it said last."""


class Connection:
    """One caller's connection, kept open; made anew after a fault."""

    def __init__(self, port: int, *, timeout_s: float = ANSWER_WITHIN_S) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)

    def ask(self, route: str, body: bytes) -> tuple[int, bytes]:
        """Status and content of a reply, read whole."""
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", route, body, headers=headers)
        reply = self._connection.getresponse()
        return reply.status, reply.read()

    def close(self) -> None:
        """Close it."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Running:
    """A subject whose server answers."""

    subject: Subject
    server: Server

    def connect(self, *, timeout_s: float = ANSWER_WITHIN_S) -> Connection:
        """A caller of it."""
        return Connection(self.server.port, timeout_s=timeout_s)

    def cpu_s(self) -> float | None:
        """Processor time of its processes so far; None where it has died."""
        with contextlib.suppress(psutil.Error, OSError):
            return self.server.cpu_s()
        return None

    def memory_bytes(self) -> int:
        """What its processes hold; 0 where it has died."""
        with contextlib.suppress(psutil.Error, OSError):
            return self.server.memory_bytes()
        return 0

    def alive(self) -> bool:
        """Whether its first process runs."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = self.server.process
            return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        return False


@contextmanager
def running(subject: Subject, model: PeerModel, folder: Path, log: Path) -> Iterator[Running]:
    """Start a subject, wait for its first answer, and stop it in the end.

    Args:
        subject: what to start.
        model: what it serves.
        folder: of its environment's commands.
        log: where what it says goes.

    Raises:
        StartError: it ended, or gave no answer in time.
    """
    port = _free_port()
    command = subject.command(model, folder, port)
    begin = time.perf_counter()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as said:
        started = subprocess.Popen(
            command,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
            env=_environment(subject, model, folder),
            start_new_session=True,
        )
    try:
        process = psutil.Process(started.pid)
        _wait(subject, started, port, log)
        yield Running(subject, Server(port, process, time.perf_counter() - begin))
    finally:
        _stop(started)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _environment(subject: Subject, model: PeerModel, folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("BURNISH_", "BENTOML_"))}
    bundle = str(model.bundles[subject.precision])
    own = {name: value.replace("{bundle}", bundle) for name, value in subject.variables.items()}
    path = os.pathsep.join([str(folder), kept.get("PATH", "")])
    return kept | QUIET | SPARED | {name: str(THREADS) for name in LIMITS} | own | {"PATH": path}


def _wait(subject: Subject, started: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.perf_counter() + READY_WITHIN_S
    while time.perf_counter() < end and started.poll() is None:
        if _answers(subject, port):
            return
        time.sleep(POLL_S)
    said = log.read_text(encoding="utf-8", errors="replace").strip()[-SAID_CHARACTERS:]
    state = "is not ready" if started.poll() is None else f"ended with {started.returncode}"
    raise StartError(f"{state}: {' '.join(said.split())}")


def _answers(subject: Subject, port: int) -> bool:
    connection = Connection(port)
    try:
        return connection.ask(subject.route, subject.encode("Good morning."))[0] == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(started: subprocess.Popen[bytes]) -> None:
    """End the server and every process of its session."""
    tree: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(started.pid)
        tree = process.children(recursive=True)
        process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        started.wait(STOP_WITHIN_S)
    for left in psutil.wait_procs(tree, timeout=1.0)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(started.pid, signal.SIGKILL)
    started.wait()
