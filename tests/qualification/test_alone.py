"""What strace sees of a command that has no network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qualification.alone import run_alone, why_not_alone

pytestmark = pytest.mark.skipif(bool(why_not_alone()), reason=why_not_alone() or "can be run alone")

CONNECT = (
    "import socket, sys; from qualification.alone import raise_loopback; raise_loopback();"
    "s = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET);"
    "print(s.connect_ex((sys.argv[1], 9)) != 0)"
)


@pytest.mark.parametrize(
    ("address", "outside"),
    [("127.0.0.1", 0), ("::1", 0), ("203.0.113.1", 1), ("2001:db8::1", 1)],
)
def test_a_call_beyond_the_loopback_address_is_seen(
    tmp_path: Path, address: str, outside: int
) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", CONNECT, address]
    done = run_alone(command, trace=tmp_path / "trace", cwd=root, timeout_s=60)
    assert (done.status, done.stdout) == (0, "True\n")
    assert len(done.outside) == outside
    assert done.calls > 0
