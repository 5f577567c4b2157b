"""What native libraries print to standard error while a server runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, sys, time
from burnish.service.logs import configure_logs
from burnish.service.native_output import withheld_native_output
from tests.service.panics import panic
with withheld_native_output():
    configure_logs()
    print("ours", file=sys.stderr)
    {act}
    time.sleep(0.5)
print("after", file=sys.stderr)
os.write(2, b"native after\\n")
"""
PANIC = """
    try: panic()
    except BaseException as error: print(type(error).__name__, file=sys.stderr)
"""


def printed(act: str, **environment: str) -> list[str]:
    """What the program leaves on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(act=act.strip())],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    return done.stderr.splitlines()


@pytest.mark.parametrize("backtrace", ["0", "1", "full"])
def test_a_panic_leaves_its_place_and_no_trace(backtrace: str) -> None:
    ours, kind, told, *after = printed(PANIC, RUST_BACKTRACE=backtrace)
    assert (ours, kind, after) == ("ours", "PanicException", ["after", "native after"])
    message = json.loads(told)["message"]
    assert "template.rs:" in message
    assert "which are withheld" in message


def test_whoever_prints_more_than_a_pipe_holds_does_not_wait() -> None:
    """It may hold the interpreter, without which nobody would make room."""
    act = "import ctypes; ctypes.PyDLL(None).write(2, b'secretword' * 100_000, 1_000_000)"
    ours, told, *after = printed(act)
    assert (ours, after) == ("ours", ["after", "native after"])
    assert "secretword" not in told


def test_without_standard_error_a_server_runs_all_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(act="print('ran')")],
        stdout=subprocess.PIPE, check=False, cwd=ROOT, timeout=60,
        preexec_fn=lambda: __import__("os").close(2),
    )  # fmt: skip
    assert b"ran\n" in done.stdout
