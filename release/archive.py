"""Tar files that hold nothing of the machine they were written on: no owner, no time, no order."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from pathlib import Path

__all__ = ["pack_directory", "without_traces"]


def without_traces(sdist: Path, *, epoch: int) -> bytes:
    """The content of a ``.tar.gz`` that depends on the names and bytes of the files in it alone.

    setuptools writes the owner, the umask, the order of the directory and the time into it, and
    honours ``SOURCE_DATE_EPOCH`` in wheels only.

    Args:
        sdist: the file as setuptools wrote it.
        epoch: the time that everything in it gets, seconds since 1970.
    """
    packed = io.BytesIO()
    with (
        tarfile.open(sdist) as old,
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=epoch) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda each: each.name):
            header = _header(member.name, epoch, size=member.size, is_directory=member.isdir())
            new.addfile(header, old.extractfile(member) if member.isfile() else None)
    return packed.getvalue()


def pack_directory(directory: Path, target: Path, *, epoch: int) -> None:
    """Write a directory as a ``.tar`` that unpacks into one directory of its name.

    Args:
        directory: what to pack.
        target: a file beside it.
        epoch: the time that everything in it gets, seconds since 1970.
    """
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new:
        for path in [directory, *sorted(directory.rglob("*"))]:
            name = path.relative_to(directory.parent).as_posix()
            if path.is_dir():
                new.addfile(_header(name, epoch, is_directory=True))
                continue
            size, runs = path.stat().st_size, os.access(path, os.X_OK)
            with path.open("rb") as file:
                new.addfile(_header(name, epoch, size=size, runs=runs), file)


def _header(
    name: str, epoch: int, *, size: int = 0, is_directory: bool = False, runs: bool = False
) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.mtime = epoch
    header.size = 0 if is_directory else size
    header.type = tarfile.DIRTYPE if is_directory else tarfile.REGTYPE
    header.mode = 0o755 if is_directory or runs else 0o644
    return header
