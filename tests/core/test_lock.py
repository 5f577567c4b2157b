"""A directory has one owner, and the lock goes with its process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from burnish.errors import RunError
from burnish.lock import check_unowned, owned, training_place

HOLD = """
import pathlib, sys, time
from burnish.lock import owned
with owned(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds ``place``."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "place")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_leaves_within_a_second_and_names_the_first(tmp_path, holder) -> None:
    begin = time.monotonic()
    with pytest.raises(RunError) as caught, owned(tmp_path / "place"):
        pass
    assert time.monotonic() - begin < 1
    assert f"process {holder.pid} on {socket.gethostname()}, since 20" in caught.value.message
    with pytest.raises(RunError, match=str(holder.pid)):
        check_unowned(tmp_path / "place")


def test_kill_9_frees_it(tmp_path, holder) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    check_unowned(tmp_path / "place")
    with owned(tmp_path / "place"):
        pass


def test_looking_makes_nothing(tmp_path) -> None:
    check_unowned(tmp_path / "place")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_on_a_directory_that_was_removed_is_taken_again(tmp_path, monkeypatch) -> None:
    from burnish import lock

    take, taken = lock._take, iter(range(5))

    def taking(descriptor, kind, directory, **named) -> None:
        if next(taken) == 0:  # the last owner has removed what was opened just now
            shutil.rmtree(directory)
        take(descriptor, kind, directory)

    monkeypatch.setattr(lock, "_take", taking)
    with owned(tmp_path / "place"), pytest.raises(RunError, match=str(os.getpid())):
        check_unowned(tmp_path / "place")


def test_the_place_lies_hidden_beside_the_run(tmp_path) -> None:
    assert training_place(tmp_path / "runs" / "x") == tmp_path / "runs" / ".x.training"
