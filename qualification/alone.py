"""Commands in a network namespace with the loopback device alone, and what strace sees of them."""

from __future__ import annotations

import fcntl
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Alone", "raise_loopback", "run_alone", "why_not_alone"]

_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_CALLS = ("connect(", "sendto(", "sendmsg(", "sendmmsg(")
_UNSHARE = ("unshare", "--net", "--map-root-user")
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1


@dataclass(frozen=True, slots=True)
class Alone:
    """What a command did without a network."""

    status: int
    stdout: str
    stderr: str
    calls: int
    """Network calls that strace saw, those to the loopback address too."""
    outside: tuple[str, ...]
    """The calls beyond the loopback address, as strace writes them."""


def why_not_alone() -> str:
    """Why this machine cannot run a command alone; empty where it can."""
    missing = [name for name in ("unshare", "strace") if shutil.which(name) is None]
    if missing:
        return f"install {' and '.join(missing)}"
    if subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode != 0:
        return "no right to make a network namespace"
    return ""


def run_alone(command: Sequence[str], *, trace: Path, cwd: Path, timeout_s: float) -> Alone:
    """Run a command in a network namespace of its own, under strace.

    The loopback device is down until the command calls `raise_loopback`.

    Args:
        command: what to run.
        trace: where strace writes.
        cwd: where to run it.
        timeout_s: after which `subprocess.TimeoutExpired` is raised.
    """
    strace = ("strace", "-f", "--seccomp-bpf", "-e", "trace=network", "-o", str(trace))
    done = subprocess.run(
        [*_UNSHARE, *strace, *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    calls = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    outside = tuple(line for line in calls if _is_outside(line))
    return Alone(done.returncode, done.stdout, done.stderr, len(calls), outside)


def raise_loopback() -> None:
    """Bring the loopback device up, in the namespace that this process is in."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _GET_FLAGS, request))[1]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def _is_outside(line: str) -> bool:
    if not any(call in line for call in _CALLS):
        return False
    addresses = [four or six for four, six in _ADDRESS.findall(line)]
    return any(not (a.startswith("127.") or a in ("::1", "::")) for a in addresses)
