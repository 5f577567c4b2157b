"""Callers in a process of their own: ``python -m qualification.traffic`` reads a plan.

It prints records.

Open loop: requests go out at Poisson times, or evenly spaced, whatever the server does, and a
latency counts from the time at which its request was meant to go (no coordinated omission). Closed
loop: each of several callers asks, waits for the answer, and asks again.

It shares the processors with the server, so it does little for a request: no task, no parsing.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import uvloop

from qualification.exchange import request_bytes

HOST = "127.0.0.1"
DRAIN_S = 120.0
Json = dict[str, Any]
Told = Callable[[bytes | str, bytes], None]


class _Connection(asyncio.Protocol):
    """One connection: a request, its reply, and the next."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.lost = False
        self._received = b""
        self._told: Told | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, request: bytes, told: Told) -> None:
        """Send a request; ``told`` gets head and body of its reply, or what went wrong."""
        self._received = b""
        self._told = told
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n") + 4
        if end < 4 or self._told is None:
            return
        head = received[:end].lower()
        if len(received) - end < int(_field(head, b"content-length") or 0):
            return
        if _field(head, b"connection") == b"close":
            self.lost = True
            self.transport.close()
        told, self._told = self._told, None
        told(head, received[end:])

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._told is not None:
            told, self._told = self._told, None
            told("cut" if self._received else "closed", b"")


def _field(head: bytes, name: bytes) -> bytes:
    """A header's value; empty where it is not there."""
    begin = head.find(b"\r\n" + name + b": ")
    if begin < 0:
        return b""
    begin += len(name) + 4
    return head[begin : head.index(b"\r\n", begin)]


class _Stream:
    """Requests of one kind, and what became of them."""

    def __init__(self, plan: Json, port: int, seed: int) -> None:
        self.records: list[Json] = []
        self._plan = plan
        self._port = port
        self._random = random.Random(seed)
        self._idle: deque[_Connection] = deque()
        self._waiting: set[asyncio.Future[None]] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._requests = [
            request_bytes("POST", plan["path"], content, headers=plan.get("headers"))
            for content in plan["contents"]
        ]

    async def run(self, end: float) -> None:
        if "callers" in self._plan:
            await asyncio.gather(*(self._closed(end) for _ in range(self._plan["callers"])))
        else:
            await self._open(end)

    async def _closed(self, end: float) -> None:
        while time.monotonic() < end:
            await self._begin(time.monotonic())
            if pause := self._plan.get("pause_s"):
                await asyncio.sleep(pause)

    async def _open(self, end: float) -> None:
        meant = time.monotonic()
        while True:
            rate = self._plan["rate"]
            meant += 1 / rate if self._plan["even"] else self._random.expovariate(rate)
            if meant >= end:
                break
            if (wait := meant - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            self._waiting.add(future := self._begin(meant))
            future.add_done_callback(self._waiting.discard)
        if self._waiting:
            await asyncio.wait(self._waiting, timeout=DRAIN_S)

    def _begin(self, meant: float) -> asyncio.Future[None]:
        """Send one request; the future is done when it has its record."""
        record: Json = {"meant": meant, "index": self._random.randrange(len(self._requests))}
        done = asyncio.get_running_loop().create_future()
        while self._idle:
            connection = self._idle.pop()
            if not connection.lost:
                self._ask(connection, record, done)
                return done
        task = asyncio.ensure_future(self._connect(record, done))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return done

    async def _connect(self, record: Json, done: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, connection = await loop.create_connection(_Connection, HOST, self._port)
        except OSError:
            self._end(record | {"error": "refused", "status": 0}, done)
        else:
            self._ask(connection, record, done)

    def _ask(self, connection: _Connection, record: Json, done: asyncio.Future[None]) -> None:
        record["sent"] = time.monotonic()
        told = partial(self._told, connection, record, done)
        connection.ask(self._requests[record["index"]], told)

    def _told(
        self,
        connection: _Connection,
        record: Json,
        done: asyncio.Future[None],
        head: bytes | str,
        body: bytes,
    ) -> None:
        if isinstance(head, str):
            self._end(record | {"error": head, "status": 0}, done)
            return
        record["status"] = int(head[9:12])
        if after := _field(head, b"retry-after"):
            record["retry_after"] = float(after)
        if self._plan.get("keep"):
            record["model"] = _field(head, b"x-burnish-model").decode()
            record["content"] = body.decode("utf-8", "replace")
        if not connection.lost:
            self._idle.append(connection)
        self._end(record, done)

    def _end(self, record: Json, done: asyncio.Future[None]) -> None:
        record["end"] = time.monotonic()
        self.records.append(record)
        if not done.done():
            done.set_result(None)


async def _run(plan: Json) -> Json:
    begin = time.monotonic()
    streams = {
        name: _Stream(given, plan["port"], plan["seed"] + number)
        for number, (name, given) in enumerate(plan["streams"].items())
    }
    end = begin + plan["seconds"]
    running = asyncio.gather(*(stream.run(end) for stream in streams.values()))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    try:
        await running
    except asyncio.CancelledError:  # told to end: what is under way is not recorded
        end = time.monotonic()
    records = {name: stream.records for name, stream in streams.items()}
    return {"begin": begin, "end": end, "streams": records}


if __name__ == "__main__":
    plan = json.load(sys.stdin)
    before_s = time.process_time()
    result = uvloop.run(_run(plan))
    result["cpu_s"] = time.process_time() - before_s
    json.dump(result, sys.stdout)
