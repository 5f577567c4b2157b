"""Servers in processes of their own: as they are served, or with guards taken away."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.serving import Server
from qualification.exchange import Reply, exchange

__all__ = ["HOST", "Served", "free_port", "start"]

HOST = "127.0.0.1"
ROOT = Path(__file__).parents[1]
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 20.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Served:
    """A started server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    """What it wrote to stdout and stderr."""

    @property
    def pid(self) -> int:
        """Of its process."""
        return self.process.pid

    @property
    def usage(self) -> Server:
        """Its processor time and memory."""
        return Server(self.port, psutil.Process(self.pid), 0.0)

    def wait_ready(self, timeout_s: float = READY_WITHIN_S) -> float:
        """Wait until ``/readyz`` says yes; the seconds that took."""
        begin = time.monotonic()
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() - begin > timeout_s:
                raise RuntimeError(f"no server: {self.log_text()[-2000:]}")
            time.sleep(0.02)
        return time.monotonic() - begin

    def is_ready(self) -> bool:
        """Whether ``/readyz`` says yes."""
        try:
            return self.ask("GET", "/readyz", timeout_s=5).status == 200
        except OSError:
            return False

    def ask(
        self,
        method: str,
        path: str,
        content: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 120,
    ) -> Reply:
        """One request on a connection of its own."""
        return exchange(
            self.port, method, path, content, headers=headers or {}, timeout_s=timeout_s
        )

    def log_text(self) -> str:
        """Its log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels."""
        page = self.ask("GET", "/metrics").content.decode()
        lines = [
            line for line in page.splitlines() if line.partition("{")[0].split()[0:1] == [name]
        ]
        return sum(float(line.rsplit(maxsplit=1)[-1]) for line in lines)

    def stop(self) -> None:
        """End it, by force where it does not end by itself."""
        if self.process.poll() is not None:
            return
        tree = psutil.Process(self.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for left in psutil.wait_procs(tree, timeout=1)[1]:
            left.kill()


def start(
    bundles: Sequence[Path],
    *,
    options: Sequence[str] = (),
    weakened: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    folder: Path,
    port: int | None = None,
) -> Served:
    """Start a server; it may not be ready yet."""
    port = free_port() if port is None else port
    module = ["qualification.weakened", ",".join(weakened)] if weakened else ["burnish"]
    command = [sys.executable, "-m", *module, "serve", *map(str, bundles)]
    own = {k: v for k, v in os.environ.items() if not k.startswith("BURNISH_")}
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"server-{next(_numbers)}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**own, "PYTHONPATH": str(ROOT), **(environment or {})},
            cwd=folder,
        )
    return Served(port, process, log)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
