"""What clients may send, as bytes: each request is answered, and nothing else is."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from burnish.service.access import create_key
from burnish.service.app import service
from burnish.service.settings import Settings
from tests.service.conftest import served_here

BODY = b'{"inputs": "my invoice"}'
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: SMUGGLED\r\n\r\n"
LIVEZ = SMUGGLED.replace(b"SMUGGLED", b"NEXT")
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> tuple[Path, str]:
    """An audit log, and a key."""
    folder = tmp_path_factory.mktemp("access")
    key = create_key(folder / "keys.json", name="someone", scopes=["infer"]).key
    return folder / "audit.jsonl", key


@pytest.fixture(scope="module")
def port(bundles, places) -> Iterator[int]:
    audit, _ = places
    keys = audit.with_name("keys.json")
    settings = Settings(bundles=(bundles / "classification",), keys=keys, audit=audit)
    with served_here(settings) as port:
        yield port


@pytest.fixture
def post(places):
    """Build a POST's head."""

    def head(*extra: bytes, length: int | None = None) -> bytes:
        framing = b"Transfer-Encoding: chunked\r\n"
        if length is not None:
            framing = b"Content-Length: %d\r\n" % length
        return (
            b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + places[1].encode() + b"\r\n" + b"".join(extra) + framing
        ) + b"\r\n"

    return head


def chunks(body: bytes, trailer: bytes = b"") -> bytes:
    return b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(body), body, trailer)


def talk(port: int, *parts: bytes, half_close: bool = False, wait_s: float = 1.0) -> list[bytes]:
    """Send parts, a moment apart; the replies' statuses, and whether the server closed."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, part in enumerate(parts):
            time.sleep(0.05 if number else 0)
            with suppress(ConnectionError):
                connection.sendall(part)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(wait_s)
        try:
            while part := connection.recv(65536):
                received += part
            ended = b"closed"
        except TimeoutError:
            ended = b"open"
        except ConnectionError:
            ended = b"reset"
    assert b"SMUGGLED" not in received
    return [*re.findall(rb"HTTP/1.1 (\d+)", received), ended]


@pytest.mark.parametrize("offer", [H2C, WEBSOCKET], ids=["h2c", "websocket"])
@pytest.mark.parametrize("body", [BODY, SMUGGLED, b"\r\n\r\n" + SMUGGLED])
def test_a_body_behind_an_offered_upgrade_is_a_body(port, post, offer, body):
    status = b"200" if body is BODY else b"400"
    counted, chunked = post(offer, length=len(body)), post(offer)
    for head, sent in ((counted, body), (chunked, chunks(body))):
        assert talk(port, head + sent + LIVEZ) == [status, b"200", b"open"]
        assert talk(port, head, sent + LIVEZ) == [status, b"200", b"open"]
        assert talk(port, head, sent[:9], sent[9:], LIVEZ) == [status, b"200", b"open"]


def test_a_get_that_offers_an_upgrade_is_answered(port):
    asked = LIVEZ.replace(b"\r\n\r\n", b"\r\n" + H2C + b"\r\n")
    assert talk(port, asked + LIVEZ) == [b"200", b"200", b"open"]


def test_the_preface_of_http_2_is_refused(port):
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
    assert talk(port, preface + LIVEZ) == [b"400", b"closed"]


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "OPTIONS"])
def test_other_methods_open_nothing(port, method):
    target = "localhost:80" if method == "CONNECT" else "/livez"
    asked = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    status, ended = talk(port, asked + SMUGGLED)
    assert status in (b"400", b"405")
    assert ended == b"closed"


def test_trailers_are_no_header_fields(port, post, places):
    head = post()
    without = re.sub(rb"Authorization: [^\r]*\r\n", b"", head)
    trailer = f"Authorization: Bearer {places[1]}\r\nHost: localhost\r\n".encode()
    for parts in ((without + chunks(BODY, trailer),), (without, chunks(BODY, trailer))):
        assert talk(port, *parts)[0] == b"401"
    kind = b"Content-Type: application/json\r\n"
    assert talk(port, head.replace(kind, b"") + chunks(BODY, kind))[0] == b"415"
    assert talk(port, head + chunks(BODY, b"X-Request-ID: SMUGGLED\r\n")) == [b"200", b"open"]
    endless = head + b"0\r\n" + b"a:\r\n" * 500_000
    assert talk(port, endless) == [b"400", b"closed"]


@pytest.mark.parametrize(
    "behind",
    [b"\0", b"JUNK\r\n\r\n", b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n", b"\x16\x03\x01"],
)
def test_a_wrong_byte_behind_a_request_takes_nothing_from_its_answer(port, post, places, behind):
    before, refused = _audited(places[0]), service.trail.strangers.refused
    sent = post(length=len(BODY)) + BODY
    assert talk(port, sent + behind) == [b"200", b"400", b"closed"]
    assert talk(port, sent, behind) == [b"200", b"400", b"closed"]
    found = _audited(places[0])[len(before) :]
    assert [line for line in found if line != ("none", 400)] == [("/classify", 200)] * 2
    assert service.trail.strangers.refused == refused + 2  # in the log: one line, and their count


def test_what_is_not_http_fills_no_audit_log(port, places):
    before = len(_audited(places[0]))
    for _ in range(20):
        assert talk(port, b"JUNK\r\n\r\n") == [b"400", b"closed"]
    assert len(_audited(places[0])) <= before + 1


def test_malformed_chunks_are_answered(port, post, places):
    before = _audited(places[0])
    for broken in (b"zz\r\n", b"5\r\n{}\r\n\r\n\r\n", b"ffffffffffffffffff\r\n"):
        assert talk(port, post() + broken + SMUGGLED) == [b"400", b"closed"]
        assert talk(port, post(), broken) == [b"400", b"closed"]
    assert _audited(places[0])[len(before) :] == [("/classify", 400)] * 6


def test_a_client_that_sends_no_more_is_answered(port, post):
    sent = post(length=len(BODY)) + BODY
    assert talk(port, sent, half_close=True) == [b"200", b"closed"]
    assert talk(port, sent * 3, half_close=True) == [b"200", b"200", b"200", b"closed"]
    old = sent.replace(b"HTTP/1.1", b"HTTP/1.0")
    assert talk(port, old, half_close=True) == [b"200", b"closed"]
    assert talk(port, sent[:-1], half_close=True) == [b"400", b"closed"]
    assert talk(port, sent + b"GET /li", half_close=True) == [b"200", b"400", b"closed"]
    assert talk(port, sent + b"\r\n", half_close=True) == [b"200", b"closed"]


def test_a_client_that_sends_no_more_is_waited_for(port, post):
    long = json.dumps({"inputs": "the week " * 600}).encode()
    service.inference._aside.submit(time.sleep, 0.7)
    replies = talk(port, post(length=len(long)) + long, half_close=True, wait_s=5)
    assert [status for status in replies if status != b"100"] == [b"200", b"closed"]
    assert b"100" in replies  # it was asked whether it is still there


def test_the_work_of_a_client_that_has_left_is_dropped(port, post, places):
    long = json.dumps({"inputs": "the week " * 600}).encode()
    service.inference._aside.submit(time.sleep, 1.5)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(post(length=len(long)) + long)
        time.sleep(0.1)
    before = len(_audited(places[0]))
    time.sleep(0.8)  # before it would be tokenized
    assert _audited(places[0])[before:] == [("/classify", 499)]


def test_a_body_that_is_waited_for_is_asked_for(port, post):
    head = post(b"Expect: 100-continue\r\n", length=len(BODY))
    assert talk(port, head, BODY + LIVEZ) == [b"100", b"200", b"200", b"open"]
    assert talk(port, head + BODY) == [b"200", b"open"]
    wrong = head.replace(b"Bearer ", b"Bearer x")
    assert talk(port, wrong, SMUGGLED) == [b"401", b"closed"]


def test_a_refused_request_whose_body_was_not_read_ends_its_connection(port, post):
    wrong = post(length=len(SMUGGLED) + 1).replace(b"Bearer ", b"Bearer x")
    assert talk(port, wrong, SMUGGLED) == [b"401", b"closed"]


def test_a_get_with_a_body_ends_its_connection(port):
    asked = LIVEZ.replace(b"Host", b"Content-Length: %d\r\nHost" % len(SMUGGLED))
    assert talk(port, asked + SMUGGLED) == [b"400", b"closed"]


def test_a_reply_is_not_lost_to_a_client_that_is_still_sending(port, post):
    wrong = post(length=8_000_000).replace(b"Bearer ", b"Bearer x")
    assert talk(port, wrong + b"x" * 8_000_000) == [b"401", b"closed"]


def test_a_header_without_end_is_answered_and_counted(port, places):
    refused = service.trail.strangers.refused
    assert talk(port, b"GET /livez HTTP/1.1\r\nX: " + b"a" * 70_000) == [b"400", b"closed"]
    assert talk(port, b"GET /livez HTTP/1.1\nHost: localhost\n\n") == [b"400", b"closed"]
    assert service.trail.strangers.refused == refused + 2


def _audited(log: Path) -> list[tuple[str, int]]:
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [(line["route"], line["status"]) for line in lines if line["kind"] == "decision"]
