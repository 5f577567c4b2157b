"""HTTP cores side by side: which attacks each bears by itself, and what a request costs it.

``python -m benchmarks.http_cores``: one small ASGI application under each core, one run.
Cores that are not installed are left out (``pip install --target DIR granian zttp``, then
``PYTHONPATH=DIR``). ``wrk`` measures the cost, in processor time of the server.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import psutil

__all__ = ["ATTACKS", "CORES", "application", "main"]

HOST: Final = "127.0.0.1"
BODY: Final = b'{"inputs": "Where is my parcel?"}'
HEAD: Final = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SMUGGLED: Final = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED: Final = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MIB: Final = 1024 * 1024
LOAD: Final = f"""wrk.method = "POST"
wrk.body = '{BODY.decode()}'
wrk.headers["Content-Type"] = "application/json"
"""

CORES: Final[dict[str, tuple[str, ...]]] = {
    "uvicorn, httptools": ("uvicorn", "--http", "httptools", "--ws", "none"),
    "uvicorn, h11": ("uvicorn", "--http", "h11", "--ws", "none"),
    "uvicorn, zttp": ("uvicorn", "--http", "zttp", "--ws", "none"),
    "granian": ("granian", "--interface", "asgi", "--no-ws", "--loop", "uvloop"),
    "burnish": ("benchmarks.http_cores", "serve"),
}
"""A core's name, and the module and options that serve with it."""


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the path, the length of the body, and the names of the header fields."""
    if scope["type"] == "lifespan":
        while (message := await receive())["type"]:
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    if scope["path"] == "/open":
        with Path(os.devnull).open("rb"):
            pass
    names = [name.decode("latin-1") for name, _ in scope["headers"]]
    reply = json.dumps({"path": scope["path"], "size": size, "names": names}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(reply))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": reply})


def talk(port: int, *parts: bytes, half_close: bool = False, wait_s: float = 2.0) -> bytes:
    """Send parts, a moment apart, and return all that comes back."""
    received = b""
    with socket.create_connection((HOST, port), timeout=wait_s) as connection, suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, part in enumerate(parts):
            time.sleep(0.1 if number else 0)
            connection.sendall(part)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            received += part
    return received


def _upgrade(port: int, _: psutil.Process) -> str:
    offer = (
        HEAD
        + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    )
    framed = offer + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED)
    chunked = offer + b"Transfer-Encoding: chunked\r\n\r\n"
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
    size = b'"size": %d' % len(SMUGGLED)
    found = []
    for parts in ((framed + SMUGGLED,), (framed, SMUGGLED), (chunked + chunks,), (chunked, chunks)):
        reply = talk(port, *parts)
        if b"/smuggled" in reply:
            return "**the body is the next request**"
        found.append(size in reply)
    return f"body read in {sum(found)} of {len(found)}"


def _trailers(port: int, server: psutil.Process) -> str:
    talk(port, CHUNKED + b"0\r\n\r\n")
    before = server.memory_info().rss
    block = b"a:\r\n" * (MIB // 4)
    with socket.create_connection((HOST, port), timeout=5) as connection:
        with suppress(OSError):
            connection.sendall(CHUNKED + b"0\r\n")
            for _ in range(30):
                connection.sendall(block)
        time.sleep(0.3)
        kept = (server.memory_info().rss - before) / MIB
    one = talk(port, CHUNKED + b"0\r\nX-Trailer: 1\r\n\r\n")
    merged = "**taken as headers**" if b"x-trailer" in one else "not headers"
    return f"+{max(kept, 0.0):.0f} MiB after 30 MiB, {merged}"


def _wrong_byte(port: int, _: psutil.Process) -> str:
    good = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    return _statuses(talk(port, good + b"\0"))


def _bad_chunk(port: int, _: psutil.Process) -> str:
    return _statuses(talk(port, CHUNKED + b"zz\r\n"))


def _half_closed(port: int, _: psutil.Process) -> str:
    good = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    return _statuses(talk(port, good, half_close=True))


def _stalled_header(port: int, _: psutil.Process) -> str:
    begin = time.monotonic()
    talk(port, b"POST / HTTP/1.1\r\nHost:", wait_s=8)
    waited = time.monotonic() - begin
    return "open after 8 s" if waited > 7.9 else f"closed after {waited:.1f} s"


def _descriptors(port: int, server: psutil.Process) -> str:
    """More connections than descriptors (64): is a file opened, is a new client served after?"""
    del server
    ask = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
    held = []
    with socket.create_connection((HOST, port), timeout=2) as old:
        old.sendall(ask % b"/")
        old.recv(65536)
        for _ in range(120):
            with suppress(OSError):
                held.append(socket.create_connection((HOST, port), timeout=1))
                held[-1].sendall(ask % b"/")
        time.sleep(0.5)
        try:
            old.sendall(ask % b"/open")
            opened = b" 200 " in old.recv(65536)
        except OSError:
            opened = False
    for connection in held:
        connection.close()
    time.sleep(1)
    after = talk(port, ask % b"/", wait_s=1)
    return f"a file {'opened' if opened else '**not** opened'}, then {_statuses(after)}"


def _statuses(received: bytes) -> str:
    found = [part[:3].decode() for part in received.split(b"HTTP/1.1 ")[1:]]
    return ", ".join(found) or "**no reply**"


ATTACKS: Final[dict[str, Callable[[int, psutil.Process], str]]] = {
    "an upgrade is offered": _upgrade,
    "30 MiB of trailers": _trailers,
    "a wrong byte behind a request": _wrong_byte,
    "a bad chunk": _bad_chunk,
    "a half-closed client": _half_closed,
    "a stalled header": _stalled_header,
    "120 connections, 64 descriptors": _descriptors,
}


@contextmanager
def serving(core: str, *, descriptors: int = 4096) -> Iterator[tuple[int, psutil.Process]]:
    """A server of the application."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port = listener.getsockname()[1]
    module, *options = CORES[core]
    target = ["benchmarks.http_cores:application", "--host", HOST, "--port", str(port)]
    limit = (descriptors, descriptors)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *options, *target],
            stdout=log,
            stderr=log,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit),
        )
        try:
            end = time.monotonic() + 20
            while time.monotonic() < end:
                with suppress(OSError):
                    if b" 200 " in talk(
                        port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                    ):
                        break
                time.sleep(0.1)
            whole = psutil.Process(process.pid)
            yield port, (whole.children() or [whole])[-1]  # granian serves in a child
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(5)
            process.kill()
            process.wait()


def cost_ms(core: str, *, seconds: int) -> float:
    """Processor time of a request, on 16 connections that are kept."""
    with serving(core) as (port, server), tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LOAD)
        script.flush()
        before = server.cpu_times()
        run = subprocess.run(
            ["wrk", "-t1", "-c16", f"-d{seconds}", "-s", script.name, f"http://{HOST}:{port}/"],
            capture_output=True,
            text=True,
            check=True,
        )
        after = server.cpu_times()
    done = int(next(line.split()[0] for line in run.stdout.splitlines() if "requests in" in line))
    used = after.user + after.system - before.user - before.system
    return 1e3 * used / done


def _serve(target: list[str]) -> None:
    from concurrent.futures import Future

    import uvicorn

    from burnish.service import server
    from burnish.service.http import listener, protocol

    loaded: Future[None] = Future()
    loaded.set_result(None)
    config = uvicorn.Config(application, http=protocol.Connection, loop="uvloop", log_config=None)
    with server._bind(HOST, int(target[target.index("--port") + 1])) as listening:
        server._Server(
            config,
            listening=listening,
            limits=listener.limits_here(behind_proxy=False),
            loaded=loaded,
            ready=lambda: None,
            reload=lambda: None,
            hangup=threading.Event(),
        ).run(sockets=[])


def main(arguments: list[str]) -> int:
    """Print the table, or serve."""
    if arguments[:1] == ["serve"]:
        _serve(arguments[1:])
        return 0
    chosen = [
        core
        for core, (module, *options) in CORES.items()
        if find_spec(module) and (options[:2] != ["--http", "zttp"] or find_spec("zttp"))
    ]
    if arguments:
        chosen = [c for c in chosen if c in arguments]
    print("|", " | ".join(["", *chosen]), "|")
    print("|" + "---|" * (len(chosen) + 1))
    for name, attack in ATTACKS.items():
        cells = []
        for core in chosen:
            with serving(core, descriptors=64 if attack is _descriptors else 4096) as (
                port,
                server,
            ):
                cells.append(attack(port, server))
        print("|", " | ".join([name, *cells]), "|", flush=True)
    if shutil.which("wrk"):
        rounds = [[cost_ms(core, seconds=4) for core in chosen] for _ in range(3)]
        costs = [sorted(column)[1] for column in zip(*rounds, strict=True)]
        print("|", " | ".join(["processor ms a request", *(f"{c:.3f}" for c in costs)]), "|")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
