"""Requests as bytes on a socket: what is sent is exactly what a row says, however wrong."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

__all__ = ["Reply", "connect", "exchange", "read_reply", "request_bytes", "statuses", "talk"]

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, read to its end."""

    status: int
    """0: the connection ended without one."""
    headers: dict[str, str]
    """Names in lower case."""
    content: bytes
    seconds: float

    def json(self) -> object:
        """The content's value."""
        return json.loads(self.content)


def request_bytes(
    method: str, path: str, content: object = None, *, headers: Mapping[str, str] | None = None
) -> bytes:
    """A request's bytes; ``content`` is sent as it is where it is bytes, else as JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    fields = {"Host": HOST}
    if content is not None:
        fields |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    sent = f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1")
    return sent + body if content is not None else sent


def connect(port: int, *, timeout_s: float = 120) -> socket.socket:
    """A connection to a server on this machine."""
    connection = socket.create_connection((HOST, port), timeout=timeout_s)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(
    port: int,
    method: str,
    path: str,
    content: object = None,
    *,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 120,
) -> Reply:
    """Send a request on a connection of its own, and read the reply."""
    begin = time.perf_counter()
    sent = request_bytes(method, path, content, headers={"Connection": "close", **(headers or {})})
    with connect(port, timeout_s=timeout_s) as connection:
        with suppress(OSError):  # refused before its end: the reply may be there already
            connection.sendall(sent)
        return read_reply(connection, begin)


def read_reply(connection: socket.socket, begin: float) -> Reply:
    """Read one reply; ``begin`` is when it was asked for, of ``time.perf_counter``."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = _receive(connection)
        if not part:
            return Reply(0, {}, received, time.perf_counter() - begin)
        received += part
    head, _, content = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    missing = int(headers.get("content-length", "0")) - len(content)
    parts = [content]
    while missing > 0 and (part := _receive(connection)):
        parts.append(part)
        missing -= len(part)
    return Reply(int(first.split()[1]), headers, b"".join(parts), time.perf_counter() - begin)


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(262_144)
    except ConnectionError:
        return b""


def talk(port: int, *parts: bytes, half_close: bool = False, wait_s: float = 2.0) -> bytes:
    """Send parts, a moment apart, and return all that comes until the end, or for a while."""
    received = b""
    with connect(port, timeout_s=wait_s) as connection, suppress(OSError):
        for number, part in enumerate(parts):
            time.sleep(0.05 if number else 0)
            connection.sendall(part)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


def statuses(received: bytes) -> list[int]:
    """Of the replies, interim ones left out."""
    found = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", received)]
    return [status for status in found if status != 100]
