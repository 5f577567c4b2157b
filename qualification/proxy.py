"""nginx in front of a server, and requests of all kinds through it: whose answer does each get?"""

from __future__ import annotations

import random
import re
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from qualification.servers import HOST, free_port

__all__ = ["has_nginx", "mixed", "proxied"]

_CONFIG = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
 access_log off; client_max_body_size 4m; proxy_request_buffering off;
 client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
 fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
 map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
 upstream burnish {{ server {host}:{upstream}; keepalive 4; }}
 server {{ listen {host}:{port};
  location / {{ proxy_pass http://burnish; proxy_http_version 1.1; proxy_set_header Host $host;
   proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; }} }}
}}
"""
_BODY = b'{"inputs": "my card is not in the parcel"}'
_SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: SMUGGLED\r\n\r\n"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_ID = re.compile(rb"x-request-id: (\S+)", re.IGNORECASE)
_OFFERS = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
    b"",
)


def has_nginx() -> bool:
    """Whether there is an nginx."""
    return shutil.which("nginx") is not None


@contextmanager
def proxied(upstream: int, folder: Path) -> Iterator[int]:
    """Run nginx before a server's port, with kept connections and the usual websocket lines."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, host=HOST, upstream=upstream, port=port))
    process = subprocess.Popen(
        ["nginx", "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(config)],
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def mixed(port: int, count: int, *, seed: int = 0, callers: int = 4) -> Counter[str]:
    """Send requests of all kinds; how many got their own answer, another's, or none."""
    with ThreadPoolExecutor(callers) as pool:
        parts = pool.map(lambda n: _caller(port, count // callers, seed + n), range(callers))
        return sum(parts, Counter())


def _caller(port: int, count: int, seed: int) -> Counter[str]:
    drawn, found = random.Random(seed), Counter[str]()
    connection: socket.socket | None = None
    for number in range(count):
        name = b"own-%d-%d" % (seed, number)
        parts, right = _request(drawn, name)
        if connection is None:
            connection = socket.create_connection((HOST, port), timeout=20)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reply = _exchange(connection, parts)
        found[_judge(reply, name, right)] += 1
        if b"connection: close" in reply.lower() or not reply:
            connection.close()
            connection = None
    if connection is not None:
        connection.close()
    return found


def _judge(reply: bytes, name: bytes, right: tuple[int, ...]) -> str:
    answered = _ID.findall(reply)
    if b"SMUGGLED" in reply or reply.count(b"HTTP/1.1 ") > 1 or answered not in ([], [name]):
        return "another's answer"
    if not reply:
        return "no answer"
    return "own answer" if int(reply[9:12]) in right else f"a wrong answer {int(reply[9:12])}"


def _request(drawn: random.Random, name: bytes) -> tuple[list[bytes], tuple[int, ...]]:
    """A request's parts, and the statuses that it may have."""
    fields = b"Host: localhost\r\nX-Request-ID: " + name + b"\r\n" + drawn.choice(_OFFERS)
    if drawn.random() < 0.25:
        return [b"GET /livez HTTP/1.1\r\n" + fields + b"\r\n"], (200,)
    head = b"POST /classify HTTP/1.1\r\nContent-Type: application/json\r\n" + fields
    right: tuple[int, ...]
    body, right = drawn.choice(
        [
            (_BODY, (200,)),
            (_BODY + b"\r\n" * drawn.randrange(3000), (200,)),
            (_SMUGGLED, (400,)),
            (b"\r\n" * drawn.randrange(2000) + _SMUGGLED, (400,)),
            (b"x" * 1_200_000, (413,)),
        ][: 5 if drawn.random() < 0.02 else 4]
    )
    if drawn.random() < 0.5:
        head, sent = head + b"Content-Length: %d\r\n\r\n" % len(body), body
    else:
        trailer = drawn.choice([b"", b"X-Request-ID: SMUGGLED\r\n"])
        cut = drawn.randrange(1, len(body))
        halves = b"%x\r\n%b\r\n" % (cut, body[:cut]) + b"%x\r\n%b\r\n" % (
            len(body) - cut,
            body[cut:],
        )
        head, sent = head + b"Transfer-Encoding: chunked\r\n\r\n", halves + b"0\r\n" + trailer
        sent += b"\r\n"
        broken = drawn.random()
        if broken < 0.03:
            sent, right = b"zz\r\n" + _SMUGGLED, (400,)
        elif trailer:
            right = (*right, 400)  # a proxy may refuse them
    parts = [head + sent] if drawn.random() < 0.5 else [head, sent]
    return parts, right


def _exchange(connection: socket.socket, parts: list[bytes]) -> bytes:
    received = b""
    with suppress(OSError):
        for number, part in enumerate(parts):
            if number:
                time.sleep(0.002)
            connection.sendall(part)
    with suppress(OSError):
        while not _is_whole(received):
            part = connection.recv(65536)
            if not part:
                break
            received += part
        connection.setblocking(False)
        with suppress(BlockingIOError):
            received += connection.recv(65536)  # whatever else has come is another's
        connection.settimeout(20)
    return received


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(end) and length is not None and len(body) >= int(length[1])
