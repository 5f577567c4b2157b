"""What attackers sent to 0.1.0: bodies taken for requests, trailers, connections without end."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from qualification.bench import Bench
from qualification.exchange import connect, statuses, talk
from qualification.keys import _bearer, _create, _revoke
from qualification.many_keys import measure_keys_flood
from qualification.proxy import has_nginx, mixed, proxied
from qualification.rows import Measurement, Row, not_measured
from qualification.servers import Served, start

__all__ = ["ROWS"]

MIB = 1024 * 1024

HANDSHAKE_S = 6.0

REVOKED_S = 2.0

AGAIN_S = 1.0

BODY = b'{"inputs": "my card is not in the parcel"}'

SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: SMUGGLED\r\n\r\n"

POST = b"POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"

OFFERS = (
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
)


def measure_upgrade(bench: Bench) -> Measurement:
    """Bodies behind an offered upgrade, and 10,000 mixed requests through nginx."""
    if not has_nginx():
        return not_measured("nginx is not installed")
    count = bench.pick(10_000, 400, control=2_000)
    with bench.serving(bench.tiny("classification")) as served:
        read = [_reads(served.port, offer, chunked) for offer in OFFERS for chunked in (0, 1)]
        with proxied(served.port, bench.folder / "nginx") as port:
            found = mixed(port, count, seed=1)
        alive = served.is_ready()
    own, others = found["own answer"], found["another's answer"]
    figure = (
        f"{sum(read)}/{len(read)} bodies read in one segment and in two; through nginx "
        f"{own}/{found.total()} got their own answer, {others} another's"
    )
    return Measurement(figure, all(read) and own == count and alive, dict(found))


def _reads(port: int, offer: bytes, chunked: int) -> bool:
    for body, status in ((BODY, 200), (SMUGGLED, 400)):
        head = POST + offer + (CHUNKED if chunked else b"Content-Length: %d\r\n\r\n" % len(body))
        sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body
        for parts in ((head + sent + LIVEZ,), (head, sent + LIVEZ)):
            received = talk(port, *parts, wait_s=0.5)
            if statuses(received) != [status, 200] or b"SMUGGLED" in received:
                return False
    return True


def measure_trailers(bench: Bench) -> Measurement:
    """Trailers of many MiB, and trailers that name header fields."""
    size = bench.pick(150, 8, control=30)
    keys = bench.folder / "keys.json"
    key, _ = _create(keys, "ward")
    own = b"Authorization: Bearer " + key.encode() + b"\r\n"
    chunk = b"%x\r\n%b\r\n0\r\n" % (len(BODY), BODY)
    with bench.serving(bench.tiny("classification"), options=("--keys", str(keys))) as served:
        process = psutil.Process(served.pid)
        for _ in range(20):
            talk(served.port, POST + own + CHUNKED + chunk + b"\r\n", wait_s=0.1)
        before = process.memory_info().rss
        answered = _send_trailers(served, POST + own + CHUNKED + chunk, size)
        grown = (process.memory_info().rss - before) / MIB
        as_field = [
            statuses(talk(served.port, *parts, wait_s=0.5))
            for parts in (
                (POST + CHUNKED + chunk + own + b"\r\n",),
                (POST + CHUNKED, chunk + own + b"\r\n"),
            )
        ]
        alive = served.is_ready()
    refused = as_field == [[401], [401]]
    figure = (
        f"{size} MiB: {answered or 'no reply'}, memory {grown:+.1f} MiB; "
        f"a key in a trailer {'opens nothing' if refused else 'opens'}"
    )
    return Measurement(figure, answered == [400] and grown <= 1 and refused and alive)


def _send_trailers(served: Served, begin: bytes, size_mib: int) -> list[int]:
    with connect(served.port, timeout_s=5) as connection:
        block = b"a:\r\n" * (MIB // 4)
        with suppress(OSError):
            connection.sendall(begin)
            for _ in range(size_mib):
                connection.sendall(block)
            connection.sendall(b"\r\n")
        with suppress(OSError):
            return statuses(connection.recv(4096))
    return []


def measure_descriptors(bench: Bench) -> Measurement:
    """More connections than descriptors: probes, a key that is revoked meanwhile, and after."""
    keys, audit = bench.folder / "keys.json", bench.folder / "audit.jsonl"
    key, identifier = _create(keys, "ward")
    options = ("--keys", str(keys), "--audit", str(audit))
    bundle = bench.tiny("classification")
    with (
        bench.serving(bundle, options=options, guards_off=("few-descriptors",)) as served,
        connect(served.port, timeout_s=2) as old,
    ):
        ask = b"GET /models HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n\r\n"
        served.ask("GET", "/models", headers=_bearer(key))
        _ask_on(old, ask % key.encode())
        held = _hold(served.port, bench.pick(1000, 400))
        time.sleep(0.7)
        probes = [_probe(served.port) for _ in range(5)]
        lines = audit.read_bytes().count(b"\n")
        _revoke(keys, identifier)
        revoked_s = _until(lambda: _ask_on(old, ask % key.encode()) == 401, 5.0)
        audited = audit.read_bytes().count(b"\n") - lines
        for connection in held:
            connection.close()
        again_s = _until(lambda: _probe(served.port) == 200, 5.0)
    figure = (
        f"probes {probes.count(200)}/5 while {len(held)} connections are held, a revoked key "
        f"refused after {revoked_s:.1f} s, {audited} lines audited; new clients served "
        f"{again_s:.1f} s after"
    )
    good = probes.count(200) == 5 and revoked_s <= REVOKED_S and audited > 0
    return Measurement(figure, good and again_s <= AGAIN_S)


def _hold(port: int, count: int) -> list[socket.socket]:
    held = []
    for _ in range(count):
        with suppress(OSError):
            held.append(connect(port, timeout_s=0.5))
            held[-1].sendall(LIVEZ)
    return held


def _ask_on(connection: socket.socket, sent: bytes) -> int:
    with suppress(OSError):
        connection.sendall(sent)
        return int(connection.recv(65536)[9:12] or 0)
    return 0


def _probe(port: int) -> int:
    with suppress(OSError), connect(port, timeout_s=1) as connection:
        return _ask_on(connection, LIVEZ)
    return 0


def _until(done: Callable[[], bool], most_s: float) -> float:
    begin = time.monotonic()
    while time.monotonic() - begin < most_s:
        if done():
            return time.monotonic() - begin
        time.sleep(0.1)
    return float("inf")


def measure_handshakes(bench: Bench) -> Measurement:
    """TLS handshakes that do not begin, or stop half-way; one that is made meanwhile."""
    certificate, key = (str(bench.folder / name) for name in ("cert.pem", "key.pem"))
    Path(certificate).parent.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
                *("-subj", "/CN=localhost", "-out", certificate, "-keyout", key),
            ],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        return not_measured("openssl is not installed")
    count = bench.pick(100, 10)
    with _serving_tls(bench, certificate, key) as port:
        held = [connect(port, timeout_s=8) for _ in range(count)]
        for connection in held[::2]:
            connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        begin, closed = time.monotonic(), 0
        with connect(port) as plain, _trusting().wrap_socket(plain) as healthy:
            answered = _ask_on(healthy, LIVEZ) == 200
        for connection in held:
            with suppress(TimeoutError):
                connection.settimeout(max(HANDSHAKE_S + 1 - (time.monotonic() - begin), 0.01))
                with suppress(ConnectionError):
                    while connection.recv(4096):
                        pass
                closed += 1
        seconds = time.monotonic() - begin
        for connection in held:
            connection.close()
    figure = f"{closed}/{count} closed, the last after {seconds:.1f} s"
    return Measurement(figure, closed == count and seconds <= HANDSHAKE_S and answered)


@contextmanager
def _serving_tls(bench: Bench, certificate: str, key: str) -> Iterator[int]:
    options = ("--tls-certificate", certificate, "--tls-key", key)
    bundle = bench.tiny("classification")
    served = start((bundle,), options=options, weakened=bench.weakened, folder=bench.folder)
    try:
        _until(lambda: "burnish serves on https" in served.log_text(), 90.0)
        yield served.port
    finally:
        served.stop()


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


ANSWERED = (
    ("a wrong byte behind", (POST + b"Content-Length: 42\r\n\r\n" + BODY + b"\0",), [200, 400]),
    ("what is no request", (POST + b"Content-Length: 42\r\n\r\n" + BODY, b"X\r\n"), [200, 400]),
    ("a malformed chunk", (POST + CHUNKED + b"zz\r\n",), [400]),
    ("the same, later", (POST + CHUNKED, b"5\r\nhelloXX"), [400]),
    ("half-closed", (POST + b"Content-Length: 42\r\n\r\n" + BODY,), [200]),
    ("half-closed, three", (3 * (POST + b"Content-Length: 42\r\n\r\n" + BODY),), [200] * 3),
    ("half-closed within a body", (POST + b"Content-Length: 43\r\n\r\n" + BODY,), [400]),
    ("half-closed within a header", (POST,), [400]),
)


def measure_answered(bench: Bench) -> Measurement:
    """Wrong bytes, bad chunks and half-closed clients: each request answered, closed, audited."""
    assert len(BODY) == 42
    audit = bench.folder / "audit.jsonl"
    wrong: list[str] = []
    with bench.serving(bench.tiny("classification"), options=("--audit", str(audit))) as served:
        for name, parts, right in ANSWERED:
            found = statuses(talk(served.port, *parts, half_close=name.startswith("half")))
            if found != right:
                wrong.append(f"{name}: {found or 'no reply'}")
    due, audited = sum(len(right) for _, _, right in ANSWERED), _audited(audit)
    figure = (
        f"{len(ANSWERED) - len(wrong)}/{len(ANSWERED)} answered; {audited} of {due} replies audited"
    )
    return Measurement("; ".join([figure, *wrong[:2]]), not wrong and audited == due)


def _audited(audit: Path) -> int:
    """Decisions: each has a line, or is one of those that a line sums up."""
    lines = [json.loads(line) for line in audit.read_text(encoding="ascii").splitlines()]
    alone = sum(line["kind"] == "decision" for line in lines)
    return alone + sum(int(line["count"]) for line in lines if line["kind"] == "turned_away")


ROWS = (
    Row(
        name="upgrade",
        test="a POST that offers an upgrade, its body in one segment, two, chunked; 10,000 mixed "
        "requests through nginx with kept connections",
        anchor="uvicorn: the body is the next request",
        bar="200, body read; 0 of 10,000 desynchronised",
        measure=measure_upgrade,
        guards=("takes-upgrades",),
        timed=False,
    ),
    Row(
        name="trailers",
        test="150 MiB of chunked trailers; trailers that name header fields",
        anchor="uvicorn keeps 28 times their size, and takes them for fields",
        bar="memory + <= 1 MiB; never a field; 400 beyond 4 KiB",
        measure=measure_trailers,
        guards=("endless-trailers",),
        timed=False,
    ),
    Row(
        name="descriptors",
        test="1,000 connections, 256 descriptors, a key that is revoked meanwhile",
        anchor="granian, uvicorn: no file can be opened",
        bar="probes answered; the key refused <= 2 s and audited; new clients <= 1 s after",
        measure=measure_descriptors,
        guards=("any-connections",),
        timed=False,
    ),
    Row(
        name="handshakes",
        test="100 TLS handshakes that never end",
        anchor="uvicorn 60 s",
        bar="all closed <= 6 s",
        measure=measure_handshakes,
        guards=("endless-handshakes",),
        timed=False,
    ),
    Row(
        name="many-keys",
        test="85,000 unknown JSON keys in 900 kB, four connections",
        anchor="burnish 0.1.0: p50 from 5 to 547 ms",
        bar="a healthy client's p50 <= 1.5 x, p99 <= 30 ms",
        measure=measure_keys_flood,
        guards=("any-keys",),
    ),
    Row(
        name="answered",
        test="a wrong byte behind a request; bad chunks; half-closed clients",
        anchor="uvicorn: the answer is lost",
        bar="the reply, or 400, then closed; audited",
        measure=measure_answered,
        guards=("silent-end",),
        timed=False,
    ),
)
