"""Files that hold secrets: read only where nobody else may, written whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from burnish.directory import sync
from burnish.errors import AccessError

__all__ = [
    "check_private",
    "exclusive",
    "new_private",
    "read_private",
    "write_private",
]

_OTHERS = 0o077
_MODE = 0o600
_LOCK_WAIT_S = 60.0
_LOCK_POLL_S = 0.02
"""Chosen: a change takes milliseconds, but many may wait for a slow disk."""
_READABLE = "check that it exists and that the server's user can read it"


def check_private(descriptor: int, path: Path) -> os.stat_result:
    """Refuse an open file that somebody else may read, write or replace.

    Raises:
        AccessError: it is not a plain file, belongs to another user, or is open to others.
        OSError: its file system has lost it.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise AccessError(f"{path}: not a plain file", "name a file")
    if status.st_uid != os.geteuid():
        raise AccessError(
            f"{path}: it belongs to another user (number {status.st_uid})",
            "run this as that user, or give the file to the user that the server runs as",
        )
    if status.st_mode & _OTHERS:
        raise AccessError(
            f"{path}: other users may read or write it (mode {stat.S_IMODE(status.st_mode):04o})",
            f"chmod 600 {path}, and revoke its contents if you do not trust other users",
        )
    return status


def read_private(path: Path, *, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """A file's content, and its status at that moment.

    Raises:
        AccessError: it cannot be read, is too large, or :func:`check_private` refuses it.
    """
    descriptor = -1
    try:
        # Without O_NONBLOCK the opening of a pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        status = check_private(descriptor, path)
        content = _read(descriptor, max_bytes + 1)
    except OSError as error:
        raise AccessError(f"{path}: {error.strerror}", _READABLE) from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    if len(content) > max_bytes:
        raise AccessError(f"{path}: larger than {max_bytes} bytes", "is it the right file?")
    return content, status


def _read(descriptor: int, most: int) -> bytes:
    parts = []
    while most > 0 and (part := os.read(descriptor, most)):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


@contextmanager
def new_private(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Create a file of mode 0600 before the block runs; it is removed if the block fails.

    Yields:
        A function that writes the content and syncs it to the disk.

    Raises:
        AccessError: the file exists already, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    except FileExistsError as error:
        raise AccessError(f"{path} exists already", "choose a new file") from error
    except OSError as error:
        raise AccessError(f"{path}: cannot be written: {error.strerror}") from error

    def write(content: bytes) -> None:
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(content)
            os.fsync(descriptor)
        except OSError as error:
            raise AccessError(f"{path}: cannot be written: {error.strerror}") from error

    try:
        os.fchmod(descriptor, _MODE)  # whatever the umask takes away
        yield write
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
    finally:
        os.close(descriptor)


def write_private(path: Path, content: bytes) -> None:
    """Replace ``path`` by a file of mode 0600, all at once or not at all.

    Raises:
        AccessError: it cannot be written; the old one is left as it was.
    """
    final = path.resolve()
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=f".{final.name}.", dir=final.parent)
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, _MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, final)
        sync(final.parent)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink()
        raise AccessError(f"{path}: cannot be written: {error.strerror}") from error


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Lock ``path`` against everybody else who uses this function, for the block.

    The lock is on a hidden file next to it, because ``path`` itself is replaced. That file stays.

    Raises:
        AccessError: another process holds it for too long.
    """
    final = path.resolve()
    lock = final.with_name(f".{final.name}.lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    except OSError as error:
        raise AccessError(f"{lock}: cannot be written: {error.strerror}") from error
    try:
        _wait_for(descriptor, lock)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, lock: Path) -> None:
    deadline = time.monotonic() + _LOCK_WAIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise AccessError(
                    f"{lock}: another process has held it for {_LOCK_WAIT_S:g} seconds",
                    "check whether another burnish keys command hangs",
                ) from None
            time.sleep(_LOCK_POLL_S)
        else:
            return
