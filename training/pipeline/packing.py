"""Packing: a run's directory as bytes, for a pickle."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

__all__ = ["pack", "unpack"]


def pack(directory: Path) -> bytes:
    """A directory's files as an archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.add(directory, arcname=".")
    return stream.getvalue()


def unpack(packed: bytes, directory: Path) -> None:
    """Write the files into a new directory; names that lead out of it are refused."""
    directory.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(directory, filter="data")
