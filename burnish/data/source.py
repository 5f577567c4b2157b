"""A source file: its digest, and its lines as text, strictly UTF-8."""

from __future__ import annotations

import codecs
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from burnish.data.packed import open_packed, packing_of
from burnish.digest import file_sha256
from burnish.errors import DataError

__all__ = [
    "MAX_ROW_BYTES",
    "TOO_LONG",
    "bounded_lines",
    "check_regular",
    "inner_name",
    "open_source",
    "read_document",
    "read_lines",
    "read_lines_and_faults",
    "source_sha256",
]

MAX_ROW_BYTES = 16 << 20
"""Of one row: more than any book has."""
MAX_DOCUMENT_BYTES = 2 << 30
TOO_LONG = (
    f"the row has more than {MAX_ROW_BYTES >> 20} MiB",
    "write one text per row, and a long document as several rows",
)
"""Message and hint."""

_CHUNK_BYTES = 1 << 20


def source_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits.

    Raises:
        DataError: it cannot be opened.
    """
    try:
        return file_sha256(path)
    except OSError as error:
        raise _unopened(path, error) from error


def check_regular(path: Path) -> None:
    """See that a path is a file that ends and can be read again: no device, pipe or socket.

    Raises:
        DataError: it is not.
    """
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _unopened(path, error) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        kinds = ((stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"), (stat.S_ISFIFO, "a pipe"))
        kind = next((name for is_kind, name in kinds if is_kind(mode)), "a socket")
        raise DataError(
            f"is {kind}, not a file, and burnish reads the rows more than once",
            "write its output to a file first: … > rows.csv, and name that",
            file=path,
        )


def open_source(path: Path) -> BinaryIO:
    """A file's bytes; of a packed one those inside, unpacked as they are read.

    Raises:
        DataError: it cannot be opened, or unpacked.
    """
    packing = packing_of(path)
    return path.open("rb") if packing is None else open_packed(path, packing)


def inner_name(path: Path) -> str:
    """The file's name; of a packed file that of the one inside.

    Raises:
        DataError: it cannot be opened, or is an archive of several files.
    """
    packing = packing_of(path)
    return path.name if packing is None else packing.inner_name(path)


def read_document(path: Path) -> str:
    """A file's text as a whole.

    Raises:
        DataError: it is not UTF-8, or larger than ``MAX_DOCUMENT_BYTES``.
    """
    with open_source(path) as stream:
        content = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(content) > MAX_DOCUMENT_BYTES:
        raise DataError(
            f"has more than {MAX_DOCUMENT_BYTES >> 30} GiB, too much for one JSON document",
            f"write one row per line (JSON Lines): jq -c '.[]' {path.name} > rows.jsonl",
            file=path,
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _undecoded(path, content.count(b"\n", 0, error.start) + 1, error) from error


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""Number (from 1) and text of each line, ending kept; only ``\n`` ends a line.

    Raises:
        DataError: a line is not UTF-8, or longer than ``MAX_ROW_BYTES``; names it.
    """
    for number, line in read_lines_and_faults(path):
        if isinstance(line, DataError):
            line.kind = "unreadable-file"  # nothing behind it is read
            raise line
        yield number, line


def read_lines_and_faults(path: Path) -> Iterator[tuple[int, str | DataError]]:
    """As :func:`read_lines`; a line that cannot be read is a DataError in its place."""
    with open_source(path) as stream:
        for number, line in enumerate(bounded_lines(stream), start=1):
            if line is None:
                yield number, DataError(*TOO_LONG, file=path, line=number)
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                yield number, line.decode("utf-8")
            except UnicodeDecodeError as error:
                yield number, _undecoded(path, number, error)


def bounded_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """A stream's lines, endings kept; None for one of more than ``MAX_ROW_BYTES``."""
    while line := stream.readline(MAX_ROW_BYTES + 1):
        too_long = len(line) > MAX_ROW_BYTES
        yield None if too_long else line
        while too_long and line and not line.endswith(b"\n"):
            line = stream.readline(_CHUNK_BYTES)


def _undecoded(path: Path, line: int, error: UnicodeDecodeError) -> DataError:
    begin = error.object.rfind(b"\n", 0, error.start) + 1
    byte, column = error.object[error.start], error.start - begin + 1
    packing = packing_of(path)
    name = inner_name(path)
    unpacked = "" if packing is None else f"{packing.command(path)} | "
    return DataError(
        f"is not UTF-8: byte 0x{byte:02x} at column {column}",
        "save it as UTF-8 (in a spreadsheet: 'CSV UTF-8'), or, if it is WINDOWS-1252: "
        f"{unpacked}iconv -f WINDOWS-1252 -t UTF-8{'' if unpacked else f' {name}'} > utf8-{name}",
        file=path,
        line=line,
    )


def _unopened(path: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot be read: {error.strerror}", "check the path and its permissions", file=path
    )
