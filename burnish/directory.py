"""Directories written atomically: one that exists under its final name is complete."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from burnish.errors import UsageError

__all__ = [
    "check_free",
    "is_full_disk",
    "restore_replaced",
    "staged_directory",
    "sync",
    "write_synced",
]

_SHOWN = 3
"""Names that a message shows of a directory."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOTHING_FREE_BYTES = 64 * 1024


def check_free(final: Path, *, marker: str, replace: bool = False) -> None:
    """Refuse a destination that holds something, before hours go into what is to stand there.

    An empty directory is free. One that is not may be replaced only where it holds ``marker``:
    then it is an older one of what is to be written, and not somebody's files.

    Args:
        final: the destination.
        marker: name of the file that every directory of this kind holds.
        replace: an older one may be replaced.

    Raises:
        UsageError: ``final`` is a link or a file, holds the working directory, or holds what may
            not be replaced.
    """
    if final.is_symlink():
        raise UsageError(
            f"{final} is a link, which a directory cannot replace",
            f"name the directory that it points to, {final.resolve()}, or another output",
        )
    if not final.exists():
        return
    if not final.is_dir():
        raise UsageError(f"{final} is a file, not a directory", "choose another output")
    if Path.cwd().is_relative_to(final.resolve()):
        raise UsageError(
            f"{final} contains the working directory, which a replacement would delete",
            f"choose another output, such as a directory in it: {final / 'new'}",
        )
    names = sorted(path.name for path in final.iterdir())
    if names:
        _check_replaceable(final, names, marker=marker, replace=replace)


def _check_replaceable(final: Path, names: list[str], *, marker: str, replace: bool) -> None:
    if not (final / marker).is_file():
        shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        raise UsageError(
            f"{final} exists already, is not empty and holds no {marker}, so that replacing it "
            f"would delete other files: {shown}",
            "choose another output, or move these files",
        )
    if not replace:
        raise UsageError(
            f"{final} exists already and is not empty",
            "choose another output, or use --replace to replace it",
        )


@contextmanager
def staged_directory(
    final: Path, *, marker: str, replace: bool = False, within: Path | None = None
) -> Iterator[Path]:
    """Yield a hidden directory beside ``final``; rename it to ``final`` when the block succeeds.

    When the block raises, the hidden directory is removed and ``final`` stands as it did.

    Args:
        final: the directory's name once it is complete.
        marker: name of the file that tells a directory of this kind; only such a one is replaced.
        replace: put the new directory in place of an old one.
        within: a directory of the same file system that is this process's own: the hidden one is
            made there, under a name that does not change, in place of what a killed process
            may have left.

    Raises:
        UsageError: as :func:`check_free`.
    """
    final = Path(os.path.abspath(final))
    check_free(final, marker=marker, replace=replace)
    final.parent.mkdir(parents=True, exist_ok=True)
    staging = _aside(final, "partial", within)
    try:
        staging.chmod(0o777 & ~_umask())
        yield staging
        _flush(staging)
        check_free(final, marker=marker, replace=replace)
        _put_in_place(staging, final, within)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def restore_replaced(final: Path, *, within: Path) -> None:
    """Put back what a killed process was replacing: the kill came between the two renames.

    Args:
        final: the destination of a :func:`staged_directory`.
        within: what that one was given.
    """
    old = _path_aside(final, "old", within)
    if old.is_dir() and not final.exists():
        os.replace(old, final)


def is_full_disk(error: Exception, place: Path | None = None) -> bool:
    """Whether a file could not be written for want of room, quota or permitted size.

    Args:
        error: what was raised.
        place: a directory of the disk: some libraries raise errors of their own where a write
            fails, and then the room that is left there tells.
    """
    if isinstance(error, OSError):
        return error.errno in _FULL
    with suppress(OSError):
        return place is not None and shutil.disk_usage(place).free < _NOTHING_FREE_BYTES
    return False


def write_synced(path: Path, content: bytes) -> None:
    """Write a file that is either whole under its name or not there, and on the disk."""
    fresh = path.with_name(f".{path.name}.partial")
    try:
        fresh.write_bytes(content)
        sync(fresh)
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync(path.parent)


def _aside(final: Path, kind: str, within: Path | None) -> Path:
    """A new empty directory for what becomes, or was, ``final``."""
    if within is None:
        name = tempfile.mkdtemp(prefix=f".{final.name}.", suffix=f".{kind}", dir=final.parent)
        return Path(name)
    path = _path_aside(final, kind, within)
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(mode=0o700)
    return path


def _path_aside(final: Path, kind: str, within: Path) -> Path:
    return within / f".{final.name}.{kind}"


def _put_in_place(staging: Path, final: Path, within: Path | None) -> None:
    if not final.exists() or not any(final.iterdir()):
        os.replace(staging, final)
        sync(final.parent)
        return
    # Two renames: a directory cannot be exchanged in one on every file system.
    old = _aside(final, "old", within)
    try:
        os.replace(final, old)
    except OSError:
        old.rmdir()
        raise
    try:
        os.replace(staging, final)
    except OSError:
        os.replace(old, final)
        raise
    sync(final.parent)
    shutil.rmtree(old)


def _flush(directory: Path) -> None:
    """Bring every file to the disk, so that a power cut after the rename finds them whole."""
    for path in [*directory.rglob("*"), directory]:
        sync(path)


def sync(path: Path) -> None:
    """Bring a file, or the names in a directory, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
