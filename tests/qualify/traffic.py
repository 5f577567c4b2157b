"""Callers in a process of their own: ``python -m tests.qualify.traffic`` reads a plan.

It prints records.

Open loop: requests go out at Poisson times whatever the server does, and a latency counts from the
time at which its request was meant to go (no coordinated omission). Closed loop: each of several
callers asks, waits for the answer, and asks again.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from collections import deque
from typing import Any

from tests.qualify.exchange import request_bytes

HOST = "127.0.0.1"
DRAIN_S = 120.0
Json = dict[str, Any]


class _Connection(asyncio.Protocol):
    """One connection: a request, its reply, and the next."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.lost = False
        self._received = b""
        self._waiting: asyncio.Future[tuple[int, dict[bytes, bytes], bytes]] | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, request: bytes) -> asyncio.Future[tuple[int, dict[bytes, bytes], bytes]]:
        self._received = b""
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._waiting is None:
            return
        first, *lines = head.split(b"\r\n")
        headers = dict(line.lower().split(b": ", 1) for line in lines)
        if len(body) >= int(headers.get(b"content-length", b"0")):
            if headers.get(b"connection") == b"close":
                self.lost = True
                self.transport.close()
            waiting, self._waiting = self._waiting, None
            if not waiting.done():
                waiting.set_result((int(first.split()[1]), headers, body))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._waiting is not None and not self._waiting.done():
            cut = "cut" if self._received else "closed"
            self._waiting.set_exception(ConnectionError(cut))


class _Stream:
    """Requests of one kind, and what became of them."""

    def __init__(self, plan: Json, port: int, seed: int) -> None:
        self.records: list[Json] = []
        self._plan = plan
        self._port = port
        self._random = random.Random(seed)
        self._idle: deque[_Connection] = deque()
        self._running: set[asyncio.Task[None]] = set()
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
            await self._one(time.monotonic())
            if pause := self._plan.get("pause_s"):
                await asyncio.sleep(pause)

    async def _open(self, end: float) -> None:
        meant = time.monotonic()
        while True:
            meant += self._random.expovariate(self._plan["rate"])
            if meant >= end:
                break
            if (wait := meant - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            task = asyncio.ensure_future(self._one(meant))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if self._running:
            await asyncio.wait(self._running, timeout=DRAIN_S)

    async def _one(self, meant: float) -> None:
        index = self._random.randrange(len(self._requests))
        record: Json = {"meant": meant, "index": index, "status": 0}
        connection = None
        try:
            connection = await self._connection()
            record["sent"] = time.monotonic()
            status, headers, body = await connection.ask(self._requests[index])
        except OSError as error:
            record["error"] = str(error) if connection else "refused"
        else:
            record["status"] = status
            if b"retry-after" in headers:
                record["retry_after"] = float(headers[b"retry-after"])
            if self._plan.get("keep"):
                record["model"] = headers.get(b"x-burnish-model", b"").decode()
                record["content"] = body.decode("utf-8", "replace")
            if not connection.lost:
                self._idle.append(connection)
        record["end"] = time.monotonic()
        self.records.append(record)

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.lost:
                return connection
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(_Connection, HOST, self._port))[1]


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
    result = asyncio.run(_run(json.load(sys.stdin)))
    result["cpu_s"] = time.process_time()
    json.dump(result, sys.stdout)
