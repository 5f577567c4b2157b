"""The same few faults for every server: what it says, who else suffers, and whether it lives."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.peers.load import Answer, ask_all
from benchmarks.peers.running import Connection, Running
from benchmarks.serving import HOST

__all__ = ["FaultRow", "provoke", "stalled_headers"]

HEALTHY = "Good morning."
HALF_AN_EMOJI = "The ferry was late \ud83d"
"""What cutting a string in another language leaves: valid JSON, and no valid text."""
CALLERS, CALLS = 15, 4
DEPTH = 1_000_000
STALLED = 20
ANSWER_WITHIN_S = 30.0
HEADER_BEGUN = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Held: "


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """What one server made of each fault. A status of 0: no reply, the connection ended."""

    subject: str
    list_with_empty: str
    """``[text, "", text]``: status and what its neighbours got; "-": takes no lists."""
    poison_status: int
    """Of a text that ends in half an emoji."""
    neighbours_failed: int
    """Good requests of 15 other callers that failed beside it."""
    neighbours: int
    big_status: int
    """Of a text of 2 MiB."""
    big_ms: float
    big_grown_bytes: int
    """What the server held more after it."""
    deep_status: int
    """Of JSON a million levels deep."""
    deep_ms: float
    alive_after: bool
    """A good request is answered after all of it."""


def provoke(one: Running, *, big_body_bytes: int) -> FaultRow:
    """Do everything to one server but stalled headers."""
    listed = _list_with_empty(one)
    poison, failed, neighbours = _poison(one)
    held = one.memory_bytes()
    big = _send(one, one.subject.encode("word " * (big_body_bytes // 5)))
    grown = one.memory_bytes() - held if one.alive() else 0
    deep = _send(one, _deep(one))
    return FaultRow(
        subject=one.subject.name,
        list_with_empty=listed,
        poison_status=poison,
        neighbours_failed=failed,
        neighbours=neighbours,
        big_status=big.status,
        big_ms=1e3 * big.seconds,
        big_grown_bytes=grown,
        deep_status=deep.status,
        deep_ms=1e3 * deep.seconds,
        alive_after=_is_healthy(one),
    )


def stalled_headers(subjects: Sequence[Running], *, seconds: float) -> dict[str, tuple[int, bool]]:
    """Hold 20 headers back from each server, all at once.

    Returns:
        by subject: how many of the 20 connections it closed, and whether it answered a good
        request meanwhile.
    """
    held = {one.subject.name: [_stall(one) for _ in range(STALLED)] for one in subjects}
    time.sleep(seconds)
    healthy = {one.subject.name: _is_healthy(one) for one in subjects}
    found = {name: (sum(map(_is_closed, sockets)), healthy[name]) for name, sockets in held.items()}
    for sockets in held.values():
        for one_socket in sockets:
            one_socket.close()
    return found


def _connect(one: Running) -> Connection:
    return one.connect(timeout_s=ANSWER_WITHIN_S)


def _send(one: Running, body: bytes) -> Answer:
    (answer,) = ask_all(lambda: _connect(one), one.subject, [body], callers=1)
    return answer


def _is_healthy(one: Running) -> bool:
    return one.alive() and _send(one, one.subject.encode(HEALTHY)).status == http.client.OK


def _list_with_empty(one: Running) -> str:
    bodies = one.subject.bodies
    if bodies is None:
        return "-"
    answer = _send(one, json.dumps(bodies([HEALTHY, "", HEALTHY])).encode())
    if answer.status != http.client.OK:
        return f"{answer.status}, all fail"
    return "200, one error" if b'"error"' in answer.content else "200, a label for it"


def _poison(one: Running) -> tuple[int, int, int]:
    """Status of the poison, good requests that failed beside it, good requests."""
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def poison() -> None:
        body = one.subject.encode(HALF_AN_EMOJI)
        barrier.wait()
        statuses.extend(_send(one, body).status for _ in range(CALLS))

    thread = threading.Thread(target=poison)
    thread.start()
    barrier.wait()
    bodies = [one.subject.encode(HEALTHY)] * (CALLERS * CALLS)
    answers = ask_all(lambda: _connect(one), one.subject, bodies, callers=CALLERS)
    thread.join()
    failed = sum(answer.status != http.client.OK for answer in answers)
    return max(statuses), failed, len(answers)


def _deep(one: Running) -> bytes:
    """Where the text would stand, a million opened lists."""
    return one.subject.encode(HEALTHY).replace(f'"{HEALTHY}"'.encode(), b"[" * DEPTH)


def _stall(one: Running) -> socket.socket:
    connection = socket.create_connection((HOST, one.server.port), timeout=5)
    with contextlib.suppress(OSError):
        connection.sendall(HEADER_BEGUN)
    return connection


def _is_closed(connection: socket.socket) -> bool:
    """Whether the other side has ended the connection; a reply before that is read away."""
    connection.setblocking(False)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
