"""A source file: its digest, and its lines as text, strictly UTF-8."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from burnish.errors import DataError

__all__ = ["file_sha256", "files_sha256", "read_lines", "read_lines_and_faults"]

_CHUNK_BYTES = 1 << 20
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits.

    Raises:
        DataError: it cannot be opened.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise DataError(
            f"cannot be read: {error.strerror}", "check the path and its permissions", file=path
        ) from error
    return digest.hexdigest()


def files_sha256(paths: Sequence[Path]) -> str:
    """SHA-256 over the digests of several files, in their order, 64 hex digits.

    Raises:
        DataError: one cannot be opened.
    """
    digests = "\n".join(file_sha256(path) for path in paths)
    return hashlib.sha256(digests.encode("ascii")).hexdigest()


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""Number (from 1) and text of each line, ending kept; only ``\n`` ends a line.

    Raises:
        DataError: the file is not UTF-8; names the line.
    """
    for number, line in read_lines_and_faults(path):
        if isinstance(line, DataError):
            raise line
        yield number, line


def read_lines_and_faults(path: Path) -> Iterator[tuple[int, str | DataError]]:
    """As :func:`read_lines`; a line that is not UTF-8 is a DataError in its place.

    Raises:
        DataError: the file as a whole is in another encoding.
    """
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if number == 1:
                if line.startswith(_WIDE_MARKS):
                    raise DataError("is UTF-16 or UTF-32, not UTF-8", _mend(path), file=path)
                line = line.removeprefix(codecs.BOM_UTF8)
            yield number, _decode(line, path=path, number=number)


def _decode(line: bytes, *, path: Path, number: int) -> str | DataError:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8: byte 0x{line[error.start]:02x} at column {error.start + 1}"
        return DataError(message, _mend(path, "WINDOWS-1252"), file=path, line=number)


def _mend(path: Path, encoding: str = "UTF-16") -> str:
    return (
        "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8'), or, if it is "
        f"{encoding}: iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}"
    )
