"""The end of an audit log: the last record, and what a broken write left after it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from burnish.errors import AccessError

from .changes import Torn
from .records import HeaderLine, Line, RecoveryLine, hash_line, parse_line

__all__ = ["Tail", "read_header", "read_tail"]

_WINDOW_BYTES = 1024 * 1024
"""Read of the end of a log. Chosen: at least 512 of the longest lines."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log."""

    sequence: int
    """The sequence of the last whole record."""
    head: str
    """The digest of its line."""
    torn: bytes
    """The bytes after it."""
    newline_missing: bool
    """Whether its line, or the torn bytes, lack a newline at the end."""

    def as_torn(self) -> Torn:
        """The bytes after the last record, as a recovery records them."""
        ending = b"\n" if self.newline_missing else b""
        torn = self.torn + ending if self.torn else b""
        return Torn(len(torn), hashlib.sha256(torn).hexdigest(), ending)

    @property
    def is_whole(self) -> bool:
        """Whether the last write was whole."""
        return not self.torn and not self.newline_missing


def read_header(descriptor: int, path: Path) -> HeaderLine:
    """The header of a log.

    Raises:
        AccessError: there is none.
    """
    first, newline, _ = os.pread(descriptor, _WINDOW_BYTES, 0).partition(b"\n")
    header = parse_line(first + newline)
    if not isinstance(header, HeaderLine):
        raise AccessError(f"{path}: not an audit log: its first line is not a header", _MOVE)
    return header


def read_tail(descriptor: int, path: Path) -> Tail:
    """Find the last whole record and verify that it follows the one before.

    Raises:
        AccessError: it does not follow, or there is none near the end, unlike after a torn write.
    """
    size = os.fstat(descriptor).st_size
    begin = max(0, size - _WINDOW_BYTES)
    lines = _lines(os.pread(descriptor, _WINDOW_BYTES, begin))
    if begin:
        lines = lines[1:]  # begins in the middle of a line
    for index in range(len(lines) - 1, -1, -1):
        raw = lines[index]
        ended = raw.endswith(b"\n")
        whole = raw if ended else raw + b"\n"
        if (record := parse_line(whole)) is not None:
            _check_follows(record, lines[:index], path, from_begin=begin == 0)
            torn = b"".join(lines[index + 1 :])
            missing = not (torn or raw).endswith(b"\n")
            return Tail(record.sequence, hash_line(whole), torn, missing)
    raise AccessError(f"{path}: no whole record within its last {_WINDOW_BYTES} bytes", _MOVE)


def _lines(content: bytes) -> list[bytes]:
    *ended, last = content.split(b"\n")  # splitlines takes other bytes for ends as well
    return [line + b"\n" for line in ended] + ([last] if last else [])


def _check_follows(record: Line, before: list[bytes], path: Path, *, from_begin: bool) -> None:
    if not before and from_begin and isinstance(record, HeaderLine):
        return
    while before:
        raw = before.pop()
        former = parse_line(raw)
        if former is not None:
            # A server that saw its log cut goes on after the gap, which a verification names.
            if isinstance(record, RecoveryLine) and record.sequence > former.sequence + 1:
                return
            if (record.sequence, record.previous) == (former.sequence + 1, hash_line(raw)):
                return
            break
        if not isinstance(record, RecoveryLine):  # only that may stand after torn bytes
            break
    raise AccessError(f"{path}: its last line does not follow the one before", _MOVE)


_MOVE = (
    "rename the file and start again with a new chain; "
    "burnish audit verify FILE names the first line that is wrong"
)
