import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from tests.tiny_onnx import tiny_bundle

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # bentoml's import uses what pydantic and pathspec deprecate
    from burnish.service.app import service
from burnish.service.server import _uvicorn_config
from burnish.service.settings import Settings

SERVE = """
import sys
from pathlib import Path
from burnish.errors import BurnishError
from burnish.service import server
from burnish.service.settings import Settings
try:
    server._DRAIN_S = float(sys.argv[1])
    server.serve(Settings(bundles=tuple(Path(p) for p in sys.argv[2:])), port=0)
except BurnishError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""
ROOT = Path(__file__).parents[2]


@dataclass
class RunningServer:
    """A real server in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    def wait_ready(self, timeout_s: float = 60) -> None:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self.process.poll() is None:
            _, found, address = self.log.read_text().partition("burnish serves on ")
            if found and "\n" in address:
                self.url = address.splitlines()[0].strip()
                return
            time.sleep(0.05)
        pytest.fail(f"no server: {self.log.read_text()}")


@pytest.fixture(scope="session")
def bundles(tmp_path_factory) -> Path:
    """A directory of three tiny int8 bundles, one a task."""
    folder = tmp_path_factory.mktemp("bundles")
    tiny_bundle(folder / "classification", "classification", int8=True)
    tiny_bundle(folder / "extraction", "extraction", int8=True)
    tiny_bundle(folder / "qa", "qa", int8=True)
    return folder


@pytest.fixture(scope="session")
def start_server(tmp_path_factory) -> Iterator[Callable[..., RunningServer]]:
    started = []

    def start(*bundles: Path, drain_s: float = 10) -> RunningServer:
        log = tmp_path_factory.mktemp("log") / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(drain_s), *map(str, bundles)],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
            )
        started.append(process)
        return RunningServer(process, log)

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server(bundles, start_server) -> RunningServer:
    """One server for all tests that do not end it."""
    running = start_server(bundles)
    running.wait_ready()
    return running


@pytest.fixture
def client(server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


@contextmanager
def served_here(settings: Settings) -> Iterator[int]:
    """A real server in this process, so that a test can reach into it; yields its port."""
    service.settings = settings
    app = service.to_asgi()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(_uvicorn_config(app, settings, None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        service.registry.loaded.result(60)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()
    service.settings = None


@pytest.fixture
def local(bundles) -> Iterator[Callable[..., TestClient]]:
    """Build the application in this process, with settings of one's own."""
    with ExitStack() as stack:

        def build(*, folder: Path = bundles, **settings) -> TestClient:
            service.settings = Settings(bundles=(folder,), **settings)
            app = service.to_asgi()
            client = TestClient(app, base_url="http://127.0.0.1:8000")
            stack.enter_context(client)
            service.registry.loaded.result(60)
            return client

        yield build
    service.settings = None


def assert_envelope(reply: Any, status: int, error_type: str) -> str:
    """One shape for every error; returns its message."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/json"
    assert len(reply.headers["x-request-id"]) >= 1
    body = reply.json()
    assert set(body) == {"error", "error_type"}
    assert body["error_type"] == error_type
    assert isinstance(body["error"], str)
    return body["error"]


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys.json"
