"""One owner a directory: a lock that ends with its process, however that ends, and names it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from burnish.errors import RunError

__all__ = ["LOCK", "Owner", "check_unowned", "owned", "training_place"]

LOCK = "lock"
"""The file of a directory that its owner has locked."""

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_PATIENCE_S = 0.2
"""Who only looks whether a lock is free holds it for a moment."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that holds a directory."""

    pid: int
    host: str
    since: str
    """UTC, ISO 8601."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}"


def training_place(output: Path) -> Path:
    """The hidden directory beside a run in which it is trained."""
    output = Path(os.path.abspath(output))
    return output.parent / f".{output.name}.training"


def check_unowned(directory: Path) -> None:
    """Look whether another process holds a directory, and leave everything as it is.

    Raises:
        RunError: one does; names it.
    """
    try:
        descriptor = os.open(directory / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        _take(descriptor, fcntl.LOCK_SH, directory)
    finally:
        os.close(descriptor)


@contextmanager
def owned(directory: Path, *, by: str = "training") -> Iterator[None]:
    """Hold a directory, which is made, for the block.

    The lock is the kernel's (``flock``): it goes with the process, after ``kill -9`` and after a
    power cut too. The holder may remove the directory.

    Args:
        directory: what is held.
        by: what holds it, for the message.

    Raises:
        RunError: another process holds it, and is named; or it may not be written.
    """
    descriptor = _lock(directory, by=by)
    try:
        owner = Owner(
            os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat(" ", "seconds")
        )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(owner)).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _lock(directory: Path, *, by: str) -> int:
    while True:
        with _telling_of_rights(directory):
            directory.mkdir(parents=True, exist_ok=True)
        try:
            with _telling_of_rights(directory):
                descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except FileNotFoundError:  # the last owner removed it just now
            continue
        try:
            _take(descriptor, fcntl.LOCK_EX, directory, by=by)
        except BaseException:
            os.close(descriptor)
            raise
        if _is_still_there(descriptor, directory / LOCK):
            return descriptor
        os.close(descriptor)


@contextmanager
def _telling_of_rights(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _FORBIDDEN:
            raise
        raise RunError(
            f"{directory} may not be written: {error.strerror}",
            "choose another output, or make this one writable for you",
        ) from error


def _take(descriptor: int, kind: int, directory: Path, *, by: str = "training") -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise RunError(
                    f"{directory} belongs to another {by}: {_read_owner(descriptor)}",
                    "wait for it, stop it, or choose another output",
                ) from None
            time.sleep(0.02)


def _is_still_there(descriptor: int, path: Path) -> bool:
    """Not removed, or removed and made again, between opening and locking."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _read_owner(descriptor: int) -> str:
    try:
        return str(Owner(**json.loads(os.pread(descriptor, 4096, 0))))
    except (ValueError, TypeError):
        return "a process that has not written its name yet"
