"""Connections whose clients do not read, send what is not asked for, or go on without end."""

import asyncio
import gc
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from burnish.service.access import create_key
from burnish.service.app import service
from burnish.service.http.extensions import BODY_READY, SEND_RAW
from burnish.service.http.protocol import Connection
from burnish.service.http.transaction import Transaction
from burnish.service.settings import Settings
from tests.service.conftest import served_here

PAGE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def port(bundles, monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(Connection, "write_timeout_s", 0.5)
    settings = Settings(bundles=(bundles / "classification",), header_timeout_s=0.4)
    with served_here(settings) as port:
        yield port


def connect(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    connection.settimeout(10)
    connection.connect(("127.0.0.1", port))
    return connection


def post(text: str, extra: str = "") -> bytes:
    body = f'{{"inputs": "{text}"}}'.encode()
    head = "POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


def until_closed(connection: socket.socket) -> bytes:
    received = b""
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            received += part
    return received


def answered(port: int, route: str) -> float:
    page = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    found = re.search(rf'requests_total{{route="{route}",status="200"}} ([0-9.]+)', page)
    return float(found[1]) if found else 0.0


def test_a_client_that_reads_nothing_is_answered_no_further_and_cut_off(port):
    sent = 2000
    with connect(port) as connection:
        connection.setblocking(False)
        filler = b"X-Filler: " + b"a" * 4000 + b"\r\nHost"  # few of them fit in one packet
        left = PAGE.replace(b"Host", filler) * sent
        end = time.monotonic() + 1.5
        while left and time.monotonic() < end:
            try:
                left = left[connection.send(left) :]
            except BlockingIOError:
                time.sleep(0.01)
            except ConnectionError:
                break
        time.sleep(0.7)
        assert answered(port, "/") < sent / 4
        connection.settimeout(10)
        assert until_closed(connection).count(b"HTTP/1.1 200 ") < sent / 4


def test_a_client_that_reads_slowly_gets_every_reply(port):
    with connect(port) as connection:
        connection.sendall(PAGE * 100 + LIVEZ.replace(b"Host", b"Connection: close\r\nHost"))
        received = b""
        while part := connection.recv(65536):
            received += part
            time.sleep(0.0005)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 101
    assert received.endswith(b'{"status":"alive"}')


def test_every_one_of_many_requests_at_once_is_answered(port):
    with connect(port) as connection:
        connection.sendall(LIVEZ * 2000 + LIVEZ.replace(b"Host", b"Connection: close\r\nHost"))
        assert until_closed(connection).count(b"HTTP/1.1 200 OK\r\n") == 2001


def test_what_is_left_of_a_body_is_not_waited_for(bundles, tmp_path):
    keys = tmp_path / "keys.json"
    key = create_key(keys, name="someone", scopes=["infer"], requests_per_minute=1).key
    head = (
        "POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\n"
    )
    settings = Settings(bundles=(bundles / "classification",), keys=keys)
    with served_here(settings) as port, connect(port) as connection:
        connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 422 ")
        connection.sendall(f"{head}Content-Length: 2\r\n\r\n{{}}".encode())
        kept = connection.recv(65536)
        assert kept.startswith(b"HTTP/1.1 429 ")
        assert b"connection: close" not in kept
        connection.sendall(f"{head}Content-Length: 99999999\r\n\r\n{{".encode())
        received = until_closed(connection)
    assert received.startswith(b"HTTP/1.1 429 ")
    assert b"connection: close" in received


@contextmanager
def being_answered(port: int) -> Iterator[socket.socket]:
    """A connection with a request that is answered in a second or so."""
    service.inference._aside.submit(time.sleep, 1)
    with connect(port) as connection:
        connection.sendall(post("the week " * 600))
        time.sleep(0.1)
        yield connection


def test_an_empty_line_after_a_body_does_not_end_the_answer(port):
    with being_answered(port) as connection:
        connection.sendall(b"\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_header_that_waits_for_an_answer_has_time_until_then(port):
    with being_answered(port) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\n")
        received = until_closed(connection)
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"408"]


def test_an_empty_line_begins_no_request(port):
    with connect(port) as connection:
        for before in (b"", b"\r\n", b"\n\r\n"):
            connection.sendall(LIVEZ + before[:1])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            connection.sendall(before)
            connection.settimeout(0.6)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.settimeout(10)
        connection.sendall(b"\r\nGET /li")
        assert until_closed(connection).startswith(b"HTTP/1.1 408 ")


def test_a_header_that_begins_beside_a_body_has_its_deadline_too(port):
    with connect(port) as connection:
        connection.sendall(post("my invoice") + b"GET /livez HTTP/1.1\r\nHost: localhost")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(b"\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        connection.sendall(post("my invoice") + b"GET /livez HTTP/1.1\r\nHost: localhost")
        begin = time.monotonic()
        assert re.findall(rb"HTTP/1.1 (\d+)", until_closed(connection)) == [b"200", b"408"]
        assert time.monotonic() - begin < 2


class Transport(asyncio.Transport):
    """One whose client takes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.unsent = 0
        self.closing = self.aborted = False

    def write(self, data: Any) -> None:
        self.unsent += len(data)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = self.aborted = True


async def connected(app: Any, **own: Any) -> tuple[Connection, Transport]:
    kind = type("Protocol", (Connection,), own)
    config = uvicorn.Config(app, http=kind, log_config=None)
    config.load()
    protocol, transport = kind(config=config, server_state=ServerState(), app_state={}), Transport()
    protocol.connection_made(transport)
    return protocol, transport


async def answers(scope: Any, receive: Any, send: Any) -> None:
    del receive, send
    scope["extensions"][BODY_READY]()
    scope["extensions"][SEND_RAW](200, [(b"content-length", b"2")], b"ok")


def test_an_idle_client_that_does_not_take_its_reply_is_cut_off():
    async def run() -> tuple[bool, bool, bool]:
        protocol, transport = await connected(answers, write_timeout_s=0.05)
        protocol.data_received(LIVEZ)
        await asyncio.sleep(0.02)
        protocol.hang_up()
        closing = transport.closing
        await asyncio.sleep(0.02)
        transport.unsent -= 1  # it takes something: it has its time again
        await asyncio.sleep(0.05)
        early = transport.aborted
        await asyncio.sleep(0.1)
        return closing, early, transport.aborted

    assert asyncio.run(run()) == (True, False, True)


@pytest.mark.parametrize("early", [False, True])
def test_an_answered_requests_text_does_not_stay_with_its_connection(early):
    async def run() -> tuple[int, bool]:
        whole = (429, [(b"content-length", b"2")], b"no")
        own = {"reject_early": staticmethod(lambda scope: whole)} if early else {}
        protocol, transport = await connected(answers, **own)
        protocol.data_received(post("secret"))
        await asyncio.sleep(0.01)
        return transport.unsent, b"secret" in _kept(protocol)

    unsent, stays = asyncio.run(run())
    assert unsent > 0
    assert not stays


def _kept(protocol: Connection) -> bytes:
    """What of requests is still in memory."""
    transactions = [each for each in gc.get_objects() if type(each) is Transaction]
    return bytes(protocol._buffer) + b"".join(bytes(turn.arrived) for turn in transactions)
