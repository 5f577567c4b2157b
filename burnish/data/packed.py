"""Packed files: gzip, bzip2 and zip are unpacked as they are read, and never further than allowed.

A file that unpacks to far more than it holds is refused (a "bomb"): text shrinks ten times, and
seldom a hundred times.
"""

from __future__ import annotations

import bz2
import gzip
import io
import shlex
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from burnish.errors import DataError

__all__ = [
    "FREE_BYTES",
    "Packing",
    "bomb_error",
    "check_packed",
    "limit_of",
    "open_packed",
    "packing_of",
    "zip_names",
]

FREE_BYTES = 64 << 20
"""A file may unpack to so much, however small it is."""
_RATIO = 250
"""Above that, to so many times its own size."""
_CHUNK_BYTES = 1 << 20
_DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, ValueError, NotImplementedError)
"""What the libraries raise; zipfile the last, for a version or a compression that it lacks."""
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_BZIP2 = tuple(f"BZh{level}1AY&SY".encode("ascii") for level in range(1, 10))
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db")


class _Stream(Protocol):
    """What a library unpacks."""

    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Packing:
    """A way to pack one file."""

    name: str
    starts: tuple[bytes, ...]
    open: Callable[[Path], _Stream]
    inner_name: Callable[[Path], str]
    """What the file inside is called."""
    program: str
    """Writes what is inside to standard output; the file's name follows."""

    def command(self, path: Path) -> str:
        """A shell command that writes what is inside."""
        return f"{self.program} {shlex.quote(str(path))}"


def _open_gzip(path: Path) -> _Stream:
    return gzip.open(path)


def _open_bzip2(path: Path) -> _Stream:
    return bz2.open(path)


def _member(path: Path) -> zipfile.ZipInfo:
    """The one file in an archive.

    Raises:
        DataError: it holds none or several, or is locked with a password, or broken.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not _is_junk(each)]
    except _DAMAGED as error:
        raise _damaged(path, error) from error
    if len(members) != 1:
        listed = ", ".join(each.filename for each in members[:5])
        more = f" and {len(members) - 5} more" if len(members) > 5 else ""
        held = f"holds {len(members)} files: {listed}{more}" if members else "holds no file"
        hint = f"unpack it, and name one of its files: unzip {shlex.quote(str(path))}"
        raise DataError(held, hint if members else "give one with rows", file=path)
    if members[0].flag_bits & 1:
        hint = f"unpack it with its password, and name the file: unzip {shlex.quote(str(path))}"
        raise DataError("is a zip archive that is locked with a password", hint, file=path)
    return members[0]


def _is_junk(member: zipfile.ZipInfo) -> bool:
    """A folder, or what macOS and Windows put beside the files."""
    return member.is_dir() or member.filename.startswith(_JUNK) or member.filename.endswith(_JUNK)


def _open_zip(path: Path) -> _Stream:
    member = _member(path)
    try:
        return zipfile.ZipFile(path).open(member)
    except (*_DAMAGED, RuntimeError) as error:
        raise _damaged(path, error) from error


def _stem(path: Path) -> str:
    return path.stem if path.suffix.lower() in {".gz", ".bz2"} else path.name


PACKINGS = (
    Packing("gzip", (b"\x1f\x8b",), _open_gzip, _stem, "gzip -dc <"),
    Packing("bzip2", _BZIP2, _open_bzip2, _stem, "bzip2 -dc <"),
    Packing("zip", _ZIP, _open_zip, lambda path: Path(_member(path).filename).name, "unzip -p"),
)


def packing_of(path: Path) -> Packing | None:
    """How a file is packed; None where it is not, or is a workbook or document that is a zip.

    Raises:
        DataError: it cannot be opened.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(200)
    except OSError as error:
        hint = "check the path and its permissions"
        raise DataError(f"cannot be read: {error.strerror}", hint, file=path) from error
    found = next((each for each in PACKINGS if start.startswith(each.starts)), None)
    return None if found is not None and found.name == "zip" and _is_office(path, start) else found


def zip_names(path: Path) -> list[str]:
    """The names in a zip archive; none where it is not an archive, or is broken."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except _DAMAGED:
        return []


def _is_office(path: Path, start: bytes) -> bool:
    if b"opendocument" in start:
        return True
    names = zip_names(path)
    return "[Content_Types].xml" in names or any(each.startswith("xl/") for each in names)


def open_packed(path: Path, packing: Packing) -> BinaryIO:
    """The bytes inside a packed file, unpacked as they are read.

    Raises:
        DataError: it is damaged or unpacks to too much, now or when it is read.
    """
    return io.BufferedReader(_Unpacked(packing.open(path), path), buffer_size=1 << 16)


def check_packed(path: Path, packing: Packing) -> None:
    """Unpack a file once, so that one that is damaged or unpacks to too much has no rows read.

    Raises:
        DataError: it is.
    """
    with open_packed(path, packing) as stream:
        while stream.read(_CHUNK_BYTES):
            pass


def limit_of(path: Path) -> int:
    """How many bytes a file may unpack to."""
    return max(FREE_BYTES, _RATIO * path.stat().st_size)


def bomb_error(path: Path) -> DataError:
    """The error of a file that unpacks to more than that."""
    return DataError(
        f"unpacks to more than {limit_of(path) >> 20:,} MiB, far more than text does",
        "unpack it yourself, and see what it holds",
        file=path,
    )


class _Unpacked(io.RawIOBase):
    """What is inside, with a limit."""

    def __init__(self, stream: _Stream, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._left = limit_of(path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            content = self._stream.read(len(buffer))
        except _DAMAGED as error:
            raise _damaged(self._path, error) from error
        self._left -= len(content)
        if self._left < 0:
            raise bomb_error(self._path)
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _damaged(path: Path, error: Exception) -> DataError:
    found = packing_of(path)
    name = "packed" if found is None else found.name
    reason = str(error) or type(error).__name__
    return DataError(
        f"is a {name} file that cannot be unpacked: {reason}",
        "pack or download it again",
        file=path,
    )
