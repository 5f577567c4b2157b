"""Directories written atomically: one that exists under its final name is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from burnish.errors import UsageError

__all__ = ["check_free", "staged_directory"]


def check_free(final: Path, *, replace: bool = False) -> None:
    """Refuse a destination that holds something, before hours go into what is to stand there.

    Raises:
        UsageError: ``final`` is a file, or a directory that is not empty and not to be replaced.
    """
    if not final.exists():
        return
    if not final.is_dir():
        raise UsageError(f"{final} is a file, not a directory", "choose another output")
    if any(final.iterdir()) and not replace:
        raise UsageError(
            f"{final} exists already and is not empty",
            "choose another output, or say --replace to put the new one in its place",
        )


@contextmanager
def staged_directory(final: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield a hidden directory beside ``final``; rename it to ``final`` when the block succeeds.

    When the block raises, the hidden directory is removed and ``final`` stands as it did.

    Args:
        final: the directory's name once it is complete.
        replace: put the new directory in the place of an old one.
    """
    final = Path(os.path.abspath(final))
    check_free(final, replace=replace)
    final.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".partial", dir=final.parent))
    try:
        staging.chmod(0o777 & ~_umask())
        yield staging
        _flush(staging)
        check_free(final, replace=replace)
        _put_in_place(staging, final)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _put_in_place(staging: Path, final: Path) -> None:
    if not final.exists() or not any(final.iterdir()):
        os.replace(staging, final)
        return
    # Two renames: a directory cannot be exchanged in one on every file system.
    old = Path(tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".old", dir=final.parent))
    os.replace(final, old)
    try:
        os.replace(staging, final)
    except OSError:
        os.replace(old, final)
        raise
    shutil.rmtree(old)


def _flush(directory: Path) -> None:
    """Bring every file to the disk, so that a power cut after the rename finds them whole."""
    for path in [*directory.rglob("*"), directory]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
