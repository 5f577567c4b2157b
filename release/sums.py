"""``SHA256SUMS``: the digest of every file of a directory, as ``sha256sum --check`` reads it."""

from __future__ import annotations

from pathlib import Path

from burnish.digest import file_sha256

__all__ = ["SUMS", "write_sums"]

SUMS = "SHA256SUMS"


def write_sums(directory: Path) -> str:
    """Write ``SHA256SUMS`` over every other file of a directory, sorted by name.

    Returns:
        The digest of the file itself, which vouches for all others: 64 hex digits.
    """
    target = directory / SUMS
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path != target)
    lines = [f"{file_sha256(path)}  {path.relative_to(directory).as_posix()}\n" for path in files]
    target.write_text("".join(lines), encoding="utf-8")
    return file_sha256(target)
