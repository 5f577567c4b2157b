"""What ``bentoml serve`` opens besides its port, and what ``python -m service`` does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest
from bentoml._internal.utils import circus

from burnish.service.control_socket import close_control_socket
from qualification.intruder import endpoints_of
from qualification.servers import free_port
from tests.service.conftest import ROOT

WAYS = {
    "bentoml serve": ["bentoml", "serve", ".", "--host", "127.0.0.1"],
    "python -m service": ["service"],
}


@pytest.fixture(params=WAYS)
def started(request, bundles, tmp_path) -> Iterator[tuple[str, int, psutil.Process]]:
    """A server that was started in one of the ways, its port and its process."""
    port = free_port()
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", *WAYS[request.param], "--port", str(port)],
        stdout=log, stderr=log, cwd=ROOT,
        env={**os.environ, "BURNISH_BUNDLES": str(bundles), "BENTOML_DO_NOT_TRACK": "True"},
    )  # fmt: skip
    try:
        wait_ready(port, process, tmp_path / "log")
        yield request.param, port, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        log.close()


def wait_ready(port: int, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(log.read_text())


@pytest.mark.slow
def test_no_other_user_can_command_the_server(started, tmp_path) -> None:
    way, port, process = started
    endpoints = endpoints_of(process)
    others = [each for each in endpoints if each != f"tcp://127.0.0.1:{port}"]
    assert f"tcp://127.0.0.1:{port}" in endpoints
    assert not [each for each in others if each.startswith("tcp")]
    folders = {Path(each.removeprefix("ipc://")).parent for each in others}
    assert len(folders) == (way == "bentoml serve"), others
    for folder in folders:
        assert folder.stat().st_mode & 0o077 == 0
    if os.geteuid() != 0:
        return  # to be another user, one has to be root first
    public = tmp_path / "public"
    public.mkdir(mode=0o777)
    done = subprocess.run(
        [sys.executable, "-m", "qualification.intruder", str(public / "marker"), *endpoints],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert done.stdout == "0\n"
    assert not (public / "marker").exists()


def test_both_sockets_of_an_arbiter_are_private_and_go_with_it(monkeypatch) -> None:
    told: dict[str, str] = {}

    class Arbiter(circus.Arbiter):
        pass

    def begin(self, watchers, **named) -> None:
        told.update(named)
        self.exit_stack = ExitStack()

    monkeypatch.setattr(Arbiter, "__init__", begin)
    monkeypatch.setattr(circus, "Arbiter", Arbiter)
    close_control_socket()
    arbiter = circus.create_standalone_arbiter([])
    sockets = [Path(told[name].removeprefix("ipc://")) for name in ("endpoint", "pubsub_endpoint")]
    assert sockets[0].parent == sockets[1].parent
    assert sockets[0].parent.stat().st_mode & 0o777 == 0o700
    arbiter.exit_stack.close()
    assert not sockets[0].parent.exists()


def test_another_bentoml_is_not_started_unprotected(monkeypatch) -> None:
    monkeypatch.delattr(circus, "create_standalone_arbiter")
    with pytest.raises(RuntimeError, match="cannot be started safely: python -m service"):
        close_control_socket()
