"""Connections that are let in, and those that make room."""

import asyncio
import errno
import resource
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from burnish.service.http import listener as listening
from burnish.service.http.extensions import SEND_RAW
from burnish.service.http.listener import Limits, Listener, limits_here
from burnish.service.http.protocol import Connection

OPENED: list[asyncio.StreamWriter] = []
ASK = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answers(scope: Any, receive: Any, send: Any) -> None:
    del receive, send
    if scope["path"] == "/never":
        await asyncio.sleep(60)
    scope["extensions"][SEND_RAW](200, [(b"content-length", b"2")], b"ok")


@asynccontextmanager
async def served(
    limits: Limits, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[Listener, int]]:
    config = uvicorn.Config(answers, http=Connection, log_config=None)
    config.load()
    state = ServerState()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        served = Listener(
            bound,
            lambda: Connection(config, state, {}),
            limits=limits,
            tls=tls,
            handshake_timeout_s=0.3,
        )
        port = bound.getsockname()[1]
        served.start()
        yield served, port
        served.close()
        for connection in list(served._open):
            connection.cut()
        for writer in OPENED:
            writer.transport.abort()
        OPENED.clear()
        for task in list(state.tasks):
            task.cancel()
        await asyncio.sleep(0.05)


async def ask(port: int, *, sent: bytes = ASK) -> tuple[asyncio.StreamWriter, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    OPENED.append(writer)
    writer.write(sent)
    try:
        return writer, await asyncio.wait_for(reader.read(15), 0.3)
    except TimeoutError:
        return writer, b"nothing"


def run(attempt: Callable[[], Any]) -> Any:
    return asyncio.run(attempt())


@pytest.fixture(autouse=True)
def _short_moment(monkeypatch):
    monkeypatch.setattr(listening, "_MOMENT_S", 0.1)


def test_one_that_waits_makes_room_and_it_is_not_the_oldest():
    async def attempt() -> None:
        async with served(Limits(4, None)) as (_, port):
            held = [await ask(port) for _ in range(4)]
            await asyncio.sleep(0.15)
            late, reply = await ask(port)
            assert reply == b"HTTP/1.1 200 OK"
            held[0][0].write(ASK)
            await asyncio.sleep(0.05)
            assert [writer.is_closing() or not await _open(writer) for writer, _ in held] == [
                False,
                False,
                False,
                True,
            ]
            late.close()

    run(attempt)


async def _open(writer: asyncio.StreamWriter) -> bool:
    sock = writer.get_extra_info("socket")
    state: int = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state == 1  # established


def test_a_new_client_is_refused_while_all_others_are_being_answered():
    async def attempt() -> None:
        busy = ASK.replace(b"/ ", b"/never ")
        async with served(Limits(2, None)) as (_, port):
            held = [await ask(port, sent=busy) for _ in range(2)]
            await asyncio.sleep(0.15)
            _, reply = await ask(port)
            assert reply == b"HTTP/1.1 503 Se"
            held[0][0].close()
            held[0][0].transport.abort()
            await asyncio.sleep(0.5)
            _, reply = await ask(port)
            assert reply == b"HTTP/1.1 200 OK"

    run(attempt)


def test_one_client_has_its_share_alone(monkeypatch):
    async def attempt() -> None:
        async with served(Limits(100, 3)) as (listener, port):
            for _ in range(8):
                await ask(port)
                await asyncio.sleep(0.11)
            assert listener._by_client == {"127.0.0.1": 3}
            assert len(listener._open) == 3

    run(attempt)


def test_a_connection_that_ends_gives_its_place_back():
    async def attempt() -> None:
        async with served(Limits(3, 3)) as (listener, port):
            for _ in range(20):
                writer, reply = await ask(port)
                assert reply == b"HTTP/1.1 200 OK"
                writer.close()
                await writer.wait_closed()
            await asyncio.sleep(0.05)
            assert not listener._open
            assert not listener._by_client

    run(attempt)


def test_without_descriptors_it_waits_and_goes_on(monkeypatch):
    tries = []

    class Exhausted(socket.socket):
        def accept(self) -> Any:
            tries.append(1)
            if len(tries) < 4:
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    monkeypatch.setattr(socket, "socket", Exhausted)

    async def attempt() -> float:
        begin = asyncio.get_running_loop().time()
        async with served(Limits(4, None)) as (_, port):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            assert await asyncio.wait_for(reader.read(15), 5) == b"HTTP/1.1 200 OK"
            writer.close()
        return asyncio.get_running_loop().time() - begin

    assert 0.3 <= run(attempt) < 2
    assert len(tries) < 10


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_a_handshake_that_does_not_end_is_ended(tmp_path, sent):
    names = [str(tmp_path / name) for name in ("cert.pem", "key.pem")]
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-out", names[0], "-keyout", names[1]),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*names)

    async def attempt() -> float:
        async with served(Limits(4, None), tls=context) as (listener, port):
            begin = asyncio.get_running_loop().time()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
            await asyncio.sleep(0.05)
            assert not listener._open
            return asyncio.get_running_loop().time() - begin

    assert run(attempt) < 2


def test_some_descriptors_are_kept_for_files():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = limits_here(behind_proxy=False)
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 0 < limits.connections <= min(allowed, most if most > 0 else allowed) - 64
    assert limits.connections_a_client == limits.connections // 2
    assert limits_here(behind_proxy=True).connections_a_client is None


def test_few_descriptors_are_shared_evenly(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100, 100))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    limits = limits_here(behind_proxy=False)
    assert 0 < limits.connections <= 50


def test_many_descriptors_let_in_no_more_than_docs_say(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1 << 20, 1 << 20))
    assert limits_here(behind_proxy=False).connections == 4096
