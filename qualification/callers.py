"""Loads on a server, from `qualification.traffic`, and what became of their requests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np

from qualification.servers import ROOT

__all__ = ["Load", "Record", "Stream", "Traffic", "send", "sending"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """Requests of one kind: at a rate (open loop) or from a number of callers (closed loop)."""

    path: str
    contents: Sequence[Any]
    """Bodies, drawn at random."""
    rate: float | None = None
    even: bool = False
    """Of a rate: evenly spaced, not at Poisson times."""
    callers: int | None = None
    pause_s: float = 0.0
    """Of a caller, between an answer and its next request."""
    headers: Mapping[str, str] | None = None
    keep: bool = False
    """Keep what was answered."""

    def to_json(self) -> dict[str, Any]:
        """For the process that sends it."""
        kind = (
            {"callers": self.callers}
            if self.rate is None
            else {"rate": self.rate, "even": self.even}
        )
        return {
            "path": self.path,
            "contents": list(self.contents),
            "headers": dict(self.headers or {}),
            "keep": self.keep,
            "pause_s": self.pause_s,
            **kind,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """One request. Times are of ``time.monotonic``."""

    meant: float
    end: float
    status: int
    """0: no reply."""
    index: int
    """Which of the stream's contents."""
    sent: float | None = None
    retry_after: float | None = None
    error: str = ""
    """``refused``: no connection; ``closed``: without a reply; ``cut``: within it."""
    model: str = ""
    content: str = ""

    @property
    def latency_s(self) -> float:
        """From when it was meant to be sent."""
        return self.end - self.meant


@dataclass(frozen=True, slots=True)
class Traffic:
    """What one stream's requests met with."""

    records: tuple[Record, ...]
    begin: float
    seconds: float
    """For which requests were sent."""

    def of(self, *statuses: int) -> list[Record]:
        """Those with a status."""
        return [record for record in self.records if record.status in statuses]

    def latency_ms(self, percentile: float, *statuses: int) -> float:
        """A percentile of the latency of those with a status (200 where none is given)."""
        found = [r.latency_s for r in self.of(*(statuses or (200,)))]
        return float(np.percentile(found, percentile)) * 1e3 if found else float("inf")

    def rate(self, status: int = 200) -> float:
        """Replies of a status a second, while requests were sent."""
        end = self.begin + self.seconds
        return sum(record.end <= end for record in self.of(status)) / self.seconds

    def statuses(self) -> dict[str, int]:
        """How many of each."""
        found: dict[str, int] = {}
        for record in self.records:
            name = str(record.status) if record.status else record.error
            found[name] = found.get(name, 0) + 1
        return dict(sorted(found.items()))


@dataclass(slots=True)
class Load:
    """A load that is running, or has run."""

    process: subprocess.Popen[bytes]
    output: IO[str]
    traffic: dict[str, Traffic]
    cpu_s: float = 0.0
    """Of the callers."""

    def finish(self) -> dict[str, Traffic]:
        """Wait for its end."""
        if self.process.wait() != 0:
            raise RuntimeError("the callers failed")
        self.output.seek(0)
        found = json.load(self.output)
        self.cpu_s = found["cpu_s"]
        for name, records in found["streams"].items():
            seconds = found["end"] - found["begin"]
            self.traffic[name] = Traffic(
                tuple(Record(**r) for r in records), found["begin"], seconds
            )
        return self.traffic


@contextmanager
def sending(
    port: int, streams: Mapping[str, Stream], *, seconds: float, seed: int = 13
) -> Iterator[Load]:
    """Send streams while the caller does something else; call `Load.finish` for the records."""
    plan = {
        "port": port,
        "seconds": seconds,
        "seed": seed,
        "streams": {name: stream.to_json() for name, stream in streams.items()},
    }
    command = [sys.executable, "-m", "qualification.traffic"]
    # Files, not pipes: a process whose pipe is full waits for its reader.
    with TemporaryFile("w+") as given, TemporaryFile("w+") as output:
        json.dump(plan, given)
        given.seek(0)
        with subprocess.Popen(command, stdin=given, stdout=output, cwd=ROOT) as process:
            try:
                yield Load(process, output, {})
            finally:
                if process.poll() is None:
                    process.kill()


def send(
    port: int, streams: Mapping[str, Stream], *, seconds: float, seed: int = 13
) -> dict[str, Traffic]:
    """Send streams, and wait for their end."""
    with sending(port, streams, seconds=seconds, seed=seed) as load:
        return load.finish()
