import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest
import uvicorn
import uvicorn.config

from burnish.errors import BundleError, UsageError
from burnish.service.app import service
from burnish.service.http.listener import limits_here
from burnish.service.http.protocol import Connection
from burnish.service.models import find_sources
from burnish.service.server import _Server, serve
from burnish.service.settings import Settings
from tests.service.conftest import ROOT, RunningServer, assert_envelope, served_here
from tests.tiny_onnx import tiny_bundle


def test_it_tells_its_address_its_models_and_its_page(server):
    lines = server.log.read_text().splitlines()
    assert lines[0] == f"burnish serves on {server.url}"
    tasks = ("classification", "extraction", "qa")
    assert lines[1:4] == [f"  tiny-{task}: {task}" for task in tasks]
    assert lines[4] == f"  a page to try them on: {server.url}/"
    assert server.url.startswith("http://127.0.0.1:")


def asked_when_it_stops(running, text: str) -> httpx.Response:
    """Sends SIGTERM while a text is being read; the text's reply, once the server has ended."""
    replies = []

    def ask() -> None:
        headers = {"X-Request-ID": "mine"}
        body = {"inputs": text}
        replies.append(
            httpx.post(f"{running.url}/classify", json=body, headers=headers, timeout=60)
        )

    caller = threading.Thread(target=ask)
    caller.start()
    page = f"{running.url}/metrics"
    while "burnish_requests_in_flight 1.0" not in httpx.get(page).text:
        time.sleep(0.02)
    running.process.send_signal(signal.SIGTERM)
    caller.join()
    assert running.process.wait(15) == 0
    return replies[0]


def test_sigterm_lets_running_requests_finish(bundles, start_server):
    running = start_server(bundles)
    running.wait_ready()
    assert asked_when_it_stops(running, "the week " * 100_000).status_code == 200


def test_a_request_that_outlasts_the_drain_is_503(bundles, start_server):
    running = start_server(bundles, drain_s=0.01)
    running.wait_ready()
    reply = asked_when_it_stops(running, "a " * 300_000)
    message = assert_envelope(reply, 503, "not_ready")
    assert message == "the server is stopping, try again"
    assert reply.headers["retry-after"] == "1"
    assert reply.headers["x-request-id"] == "mine"
    assert "Traceback" not in running.log.read_text()


def test_a_damaged_bundle_ends_the_start_by_name(tmp_path, start_server):
    path = tiny_bundle(tmp_path / "b" / "damaged")
    (path / "tokenizer.json").write_text("{}")
    running = start_server(tmp_path / "b")
    assert running.process.wait(60) == 1
    assert "damaged: tokenizer.json is not the file" in running.log.read_text()


def test_two_bundles_of_one_name_end_the_start(tmp_path, start_server):
    tiny_bundle(tmp_path / "b" / "one", name="same")
    tiny_bundle(tmp_path / "b" / "two", name="same")
    running = start_server(tmp_path / "b")
    assert running.process.wait(60) == 1
    assert "'same'" in running.log.read_text()


def test_no_bundle_is_an_error(tmp_path):
    with pytest.raises(BundleError, match="neither a bundle nor a directory"):
        find_sources([tmp_path])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.1", "example.org"])
@pytest.mark.parametrize("api_key", [None, "a-key-of-more-than-16-characters"])
def test_an_open_address_needs_key_and_tls_or_a_proxy(bundles, host, api_key):
    with pytest.raises(UsageError, match="needs keys and TLS"):
        serve(Settings(bundles=(bundles,), api_key=api_key), host=host)


def test_a_port_in_use_is_told(bundles):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot be listened on"):
            serve(Settings(bundles=(bundles,)), port=taken.getsockname()[1])


def test_settings_come_from_the_environment_too(bundles, tmp_path):
    environment = {
        "BURNISH_BUNDLES": f"{bundles / 'qa'}:{bundles / 'extraction'}",
        "BURNISH_API_KEY": "a-key-of-more-than-16-characters",
        "BURNISH_ALLOWED_HOSTS": "a.example, b.example",
        "BURNISH_BEHIND_PROXY": "1",
        "BURNISH_THREADS": "3",
    }
    settings = Settings.from_environment(environment, default=tmp_path)
    assert settings.bundles == (bundles / "qa", bundles / "extraction")
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.behind_proxy
    assert settings.threads == 3
    assert Settings.from_environment({}, default=bundles).bundles == (bundles,)
    with pytest.raises(UsageError, match="BURNISH_THREADS"):
        Settings.from_environment({"BURNISH_THREADS": "many"}, default=bundles)


@pytest.fixture
def hasty(bundles):
    """A server in this process whose deadlines are short; its port."""
    settings = Settings(bundles=(bundles / "qa",), header_timeout_s=0.5, body_timeout_s=0.8)
    with served_here(settings) as port:
        yield port


def closed_after(port: int, sent: bytes) -> tuple[float, bytes]:
    """How long the server keeps a connection that sends no more, and what it says."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        begin = time.monotonic()
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
        return time.monotonic() - begin, received


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /livez HTTP/1.1\r\nHost: localhost\r\n", b"GET /livez HT"],
    ids=["nothing", "no end of the header", "half a line"],
)
def test_a_header_that_does_not_arrive_closes_the_connection(hasty, sent):
    seconds, received = closed_after(hasty, sent)
    assert 0.3 < seconds < 1.5
    if sent:
        assert received.startswith(b"HTTP/1.1 408 ")
        assert b'"error_type": "timeout"' in received


def test_a_second_header_that_does_not_arrive_closes_it_too(hasty):
    with socket.create_connection(("127.0.0.1", hasty), timeout=10) as connection:
        connection.sendall(b"HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        begin = time.monotonic()
        connection.sendall(b"HEAD /li")
        received = b""
        while part := connection.recv(65536):
            received += part
        assert received.startswith(b"HTTP/1.1 408 ")
        assert 0.3 < time.monotonic() - begin < 1.5


def test_a_body_that_does_not_arrive_is_408(hasty):
    head = b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    seconds, received = closed_after(hasty, head + b"Content-Length: 10\r\n\r\n{")
    assert 0.6 < seconds < 2
    assert received.startswith(b"HTTP/1.1 408 ")


def test_a_slow_client_does_not_hold_up_another(hasty):
    with socket.create_connection(("127.0.0.1", hasty)) as stalled:
        stalled.sendall(b"GET /livez HTTP/1.1\r\n")
        assert httpx.get(f"http://127.0.0.1:{hasty}/livez").status_code == 200


@pytest.mark.parametrize("sent", [b"rubbish\r\n\r\n", b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n"])
def test_what_is_not_http_has_the_envelope_too(hasty, sent):
    _, received = closed_after(hasty, sent)
    assert received.startswith(b"HTTP/1.1 400 ")
    assert b"x-request-id: " in received
    assert b'"error_type": "malformed"' in received


def caught_signals(pid: int) -> int:
    """The mask of signals that a process has a handler for."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("SigCgt:")[2].split()[0], 16)


def test_sighup_while_it_starts_ends_nothing(bundles, tmp_path):
    """From the first imports on; what was changed meanwhile is read after the start."""
    log = tmp_path / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "burnish", "serve", str(bundles), "--port", "0"]
        process = subprocess.Popen(command, stderr=output, cwd=ROOT)
    running = RunningServer(process, log)
    try:
        end = time.monotonic() + 60
        while not caught_signals(process.pid) & 1 and time.monotonic() < end:
            time.sleep(0.001)
        assert "onnxruntime" not in Path(f"/proc/{process.pid}/maps").read_text(), "it is early"
        while "burnish serves on" not in log.read_text() and time.monotonic() < end:
            process.send_signal(signal.SIGHUP)
            time.sleep(0.05)
        running.wait_ready()
        process.send_signal(signal.SIGHUP)
        assert httpx.get(f"{running.url}/readyz").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


def test_a_stop_while_it_starts_is_no_error(bundles, tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "burnish", "serve", str(bundles), "--port", "0"]
        process = subprocess.Popen(command, stderr=output, cwd=ROOT)
    try:
        end = time.monotonic() + 60
        term = 1 << (signal.SIGTERM - 1)
        while not caught_signals(process.pid) & term and time.monotonic() < end:
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    assert not log.read_text().replace("burnish serves on", "").strip(" :/.0123456789htp\n")


def test_a_flood_of_signals_is_a_reload_or_two(bundles, local, monkeypatch):
    local()
    reloads = []
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        reloads.append(threading.current_thread().name)
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(service.registry, "reload", slow)
    service.reload()
    assert begun.wait(30)
    for _ in range(100):
        service.reload()
    assert [t.name for t in threading.enumerate()].count("burnish-reload") == 1
    go_on.set()
    end = time.monotonic() + 30
    while service._reloading and time.monotonic() < end:
        time.sleep(0.01)
    assert len(reloads) == 2, "the one that ran, and one for all who asked meanwhile"


def test_a_signal_before_the_models_are_loaded_has_them_looked_at_again():
    loaded: Future[None] = Future()
    reloads: list[bool] = []
    listening = socket.socket()
    listening.close()
    server = _Server(
        uvicorn.Config(lambda: None),
        listening=listening,
        limits=limits_here(behind_proxy=False),
        loaded=loaded,
        ready=lambda: None,
        reload=lambda: reloads.append(loaded.done()),
        hangup=threading.Event(),
    )
    server._hang_up()
    assert reloads == [False]
    loaded.set_result(None)
    server._settle()
    assert reloads == [False, True]


def test_a_server_of_bentoml_speaks_http_as_ours_does(bundles, monkeypatch):
    monkeypatch.setenv("BURNISH_BUNDLES", str(bundles / "classification"))
    protocols = dict(uvicorn.config.HTTP_PROTOCOLS)
    monkeypatch.setattr(uvicorn.config, "HTTP_PROTOCOLS", protocols)
    config = uvicorn.config.Config(service.to_asgi())
    config.load()
    assert issubclass(config.http_protocol_class, Connection)
    assert config.http_protocol_class.reject_early is not None
    assert config.http_protocol_class.refused is not None
