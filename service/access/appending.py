"""A file that one process at a time appends to."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from burnish.errors import AccessError
from burnish.private import check_private

__all__ = ["open_exclusive", "write_all"]

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
_MODE = 0o600


def open_exclusive(path: Path) -> int:
    """Open a file, created with mode 0600 if there is none, and lock it until it is closed.

    Raises:
        AccessError: it cannot be opened, is open to other users, or another process holds it.
    """
    try:
        descriptor = os.open(path, _FLAGS, _MODE)
    except OSError as error:
        raise AccessError(
            f"{path}: cannot be opened for the audit log: {error.strerror}",
            "choose a file in a directory that the server may write to",
        ) from error
    try:
        check_private(descriptor, path)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise AccessError(
            f"{path}: another process{_holder(path)} is writing this audit log",
            "use one file per server",
        ) from None
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _holder(path: Path) -> str:
    """The number of the process that holds the lock, where the system tells it."""
    try:
        inode = str(path.stat().st_ino)
        for line in Path("/proc/locks").read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode and words[4] > "0":
                return f" (number {words[4]})"
    except (OSError, IndexError):
        pass
    return ""


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of the content, in one call if the system allows it."""
    written = os.write(descriptor, content)
    while written < len(content):  # the disk is all but full: the next one tells
        written += os.write(descriptor, content[written:])
