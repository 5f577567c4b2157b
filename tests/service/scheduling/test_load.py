"""Deadlines, clients that leave, and a queue that is full, over real connections."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx
import pytest

from burnish.runtime import Model
from burnish.service.api.parsing import parse_request
from burnish.service.app import service
from burnish.service.http import message
from burnish.service.settings import Settings
from tests.service.conftest import assert_envelope, served_here

LONG = "the week " * 20_000
MEDIUM = "the week " * 600
"""Tokenized aside, and soon computed."""
ASK = {"inputs": "my invoice", "model": "tiny-classification"}


def figure(client: httpx.Client, name: str) -> float:
    found = re.search(rf"^{name} ([0-9.e+-]+)$", client.get("/metrics").text, re.MULTILINE)
    assert found, name
    return float(found[1])


def until(condition, timeout_s: float = 20) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def request(text: str, extra: str = "") -> bytes:
    body = f'{{"inputs": "{text}"}}'.encode()
    head = (
        "POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"{extra}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_work_of_a_client_that_leaves_is_dropped(bundles, monkeypatch):
    settings = Settings(bundles=(bundles / "classification",), threads=1)
    at_work, has_left = threading.Event(), threading.Event()
    with served_here(settings) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        steps = service.registry.named("tiny-classification").model._steps
        compute = steps.compute

        def held(window):
            at_work.set()
            assert has_left.wait(20)
            return compute(window)

        monkeypatch.setattr(steps, "compute", held)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(request(LONG))
            assert at_work.wait(20)
        until(lambda: figure(client, "burnish_requests_in_flight") == 0)
        has_left.set()
        until(lambda: figure(client, "burnish_dropped_windows_total") > 0)
        until(lambda: figure(client, "burnish_queue_seconds") == 0)
        assert client.post("/classify", json=ASK).status_code == 200


def test_a_deadline_that_cannot_be_met_is_refused_at_once(client):
    headers = {"X-Burnish-Deadline-Ms": "1"}
    begin = time.monotonic()
    reply = client.post("/classify", json={"inputs": LONG}, headers=headers)
    assert_envelope(reply, 504, "deadline")
    assert time.monotonic() - begin < 2
    headers = {"X-Burnish-Deadline-Ms": "60000"}
    assert client.post("/classify", json=ASK, headers=headers).status_code == 200


@pytest.mark.parametrize("given", ["0", "-1", "soon", "1e3", "1.5", ""])
def test_a_deadline_that_is_no_number_is_400(client, given):
    reply = client.post("/classify", json=ASK, headers={"X-Burnish-Deadline-Ms": given})
    assert_envelope(reply, 400, "malformed")


def test_a_full_queue_is_429_until_it_is_worked_off(local):
    client = local(queue_ms=0.1, threads=1)
    steps = service.registry.named("tiny-classification").model._steps
    compute = steps.compute

    def slow(window):
        time.sleep(0.05)
        return compute(window)

    steps.compute = slow  # type: ignore[method-assign]
    with ThreadPoolExecutor(1) as caller:
        first = caller.submit(client.post, "/classify", json={"inputs": "the week " * 200})
        until(lambda: figure(client, "burnish_queue_seconds") > 0)
        refused = client.post("/classify", json=ASK)
        assert_envelope(refused, 429, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        assert first.result().status_code == 200
    # The reply is out before its cost is off the books.
    until(lambda: figure(client, "burnish_queue_seconds") == 0)
    assert client.post("/classify", json=ASK).status_code == 200
    steps.compute = compute  # type: ignore[method-assign]
    text = client.get("/metrics").text
    assert 'burnish_rejections_total{reason="queue"} 1.0' in text


def test_pipelined_requests_are_answered_in_order(server):
    host, port = server.url.removeprefix("http://").split(":")
    texts = ["my invoice", "my parcel", "hello"]
    sent = b"".join(
        request(text, f"X-Request-ID: r{number}\r\n") for number, text in enumerate(texts)
    )
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(sent)
        received = b""
        while received.count(b"HTTP/1.1 200 OK") < 3 or not received.endswith(b"]"):
            part = connection.recv(65536)
            assert part, received
            received += part
    ids = re.findall(rb"x-request-id: (r\d)", received)
    labels = re.findall(rb'\[\{"label":"(\w+)"', received)
    assert ids == [b"r0", b"r1", b"r2"]
    assert labels == [b"billing", b"delivery", b"other"]


def test_head_has_no_body_and_the_length_of_get(client):
    got = client.get("/models")
    head = client.head("/models")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]


def test_a_header_without_end_is_refused(server):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Filler: ")
        received = b""
        try:
            for _ in range(64):
                connection.sendall(b"a" * (message._MAX_HEADERS_BYTES // 16))
                time.sleep(0.005)
            received = connection.recv(4096)
        except ConnectionError:
            received = received or connection.recv(4096)
    assert received.startswith(b"HTTP/1.1 400") or received == b""


@pytest.mark.parametrize("header", ["Host: localhost", "Content-Type: application/json"])
def test_a_header_that_stands_twice_is_refused(server, header):
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request("my card", f"{header}\r\n"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 400")


def test_many_clients_that_come_and_go_leave_nothing_behind(client, server):
    host, port = server.url.removeprefix("http://").split(":")

    def leave(number: int) -> None:
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(request(LONG[: 200 * number + 10]))
            time.sleep(0.001 * (number % 7))

    callers = [threading.Thread(target=leave, args=(n,)) for n in range(40)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    until(lambda: figure(client, "burnish_queue_seconds") == 0)
    until(lambda: figure(client, "burnish_requests_in_flight") == 0)


class Held(NamedTuple):
    """A server whose thread for large texts is at work until `release` is set."""

    port: int
    release: threading.Event

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/classify"


@pytest.fixture
def held_up(bundles) -> Iterator[Held]:
    release = threading.Event()
    with served_here(Settings(bundles=(bundles / "classification",))) as port:
        service.inference._aside.submit(release.wait, 20)
        yield Held(port, release)
        release.set()


@pytest.fixture
def prepared(held_up, monkeypatch) -> list[int]:
    """Fills with the number of inputs of whatever that server tokenizes."""
    found = []
    prepare = Model.prepare

    def counting(self, inputs):
        found.append(len(inputs))
        return prepare(self, inputs)

    monkeypatch.setattr(Model, "prepare", counting)
    return found


def aside_is_done() -> None:
    """Returns when the thread for large texts has done all that it was given."""
    service.inference._aside.submit(int).result(20)


def test_a_deadline_is_kept_by_a_text_that_waits_to_be_tokenized(prepared, held_up):
    headers = {"X-Burnish-Deadline-Ms": "200"}
    reply = httpx.post(held_up.url, json={"inputs": MEDIUM}, headers=headers)
    assert not held_up.release.is_set()
    assert "was not ready in time" in assert_envelope(reply, 504, "deadline")
    held_up.release.set()
    aside_is_done()
    assert prepared == []


def test_a_deadline_is_kept_by_a_text_that_is_being_parsed(held_up, monkeypatch):
    held_up.release.set()
    parsed = threading.Event()

    def slow(body, kinds):
        assert parsed.wait(20)
        return parse_request(body, kinds)

    monkeypatch.setattr("burnish.service.http.handlers.parse_request", slow)
    headers = {"X-Burnish-Deadline-Ms": "200"}
    reply = httpx.post(held_up.url, json={"inputs": LONG}, headers=headers)
    assert "was not ready in time" in assert_envelope(reply, 504, "deadline")
    parsed.set()


def test_the_text_of_a_client_that_has_left_is_not_tokenized(prepared, held_up):
    with httpx.Client() as client:
        client.base_url = f"http://127.0.0.1:{held_up.port}"
        with socket.create_connection(("127.0.0.1", held_up.port)) as connection:
            connection.sendall(request(MEDIUM))
            until(lambda: figure(client, "burnish_requests_in_flight") == 1)
        until(lambda: figure(client, "burnish_requests_in_flight") == 0)
    held_up.release.set()
    aside_is_done()
    assert prepared == []
    assert httpx.post(held_up.url, json=ASK).status_code == 200
    assert prepared == [1]


def test_a_small_body_without_a_length_holds_what_it_takes(bundles):
    settings = Settings(bundles=(bundles / "classification",), max_held_bytes=1024 * 1024)

    def body(text: str) -> Iterator[bytes]:
        yield b'{"inputs": "%b"}' % text.encode()

    release = threading.Event()
    with served_here(settings) as port, ThreadPoolExecutor(1) as caller, httpx.Client() as client:
        service.inference._aside.submit(release.wait, 20)
        headers = {"Content-Type": "application/json"}
        first = caller.submit(
            httpx.post,
            f"http://127.0.0.1:{port}/classify",
            content=body(MEDIUM),
            headers=headers,
            timeout=20,
        )
        client.base_url = f"http://127.0.0.1:{port}"
        until(lambda: figure(client, "burnish_requests_in_flight") == 1)
        reply = client.post("/classify", content=body("my invoice"), headers=headers)
        assert reply.status_code == 200
        assert not first.done()
        release.set()
        assert first.result().status_code == 200
