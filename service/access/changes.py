"""Changes of an audit log by somebody else: how they are told apart, and how to continue."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from .problems import HealthProblem

__all__ = [
    "CHANGES",
    "Change",
    "Torn",
    "after_last_line",
    "change_of",
    "is_full",
    "problem_of",
    "torn_from",
]

Change = Literal["moved", "deleted", "truncated", "shrunk", "grown"]
CHANGES: Final[tuple[Change, ...]] = get_args(Change)

_CHUNK_BYTES = 1024 * 1024
"""Read at a time. Chosen."""
_LEAST_ROOM_BYTES = 4096  # less than a block: the next line may not fit


@dataclass(frozen=True, slots=True)
class Torn:
    """Bytes of a file that are not records."""

    size: int
    sha256: str
    ending: bytes
    """The newline that must come before the next line, if any; counted and hashed too."""


def change_of(status: os.stat_result, size: int) -> Change | None:
    """The change of an open log that should have ``size`` bytes; None without one."""
    if status.st_nlink == 0:
        return "deleted"
    if status.st_size == size:
        return None
    if status.st_size == 0:
        return "truncated"
    return "shrunk" if status.st_size < size else "grown"


def torn_from(descriptor: int, begin: int) -> Torn:
    """The bytes from ``begin`` to the end, as torn."""
    digest, size, last = hashlib.sha256(), 0, b"\n"
    while part := os.pread(descriptor, _CHUNK_BYTES, begin + size):
        digest.update(part)
        size += len(part)
        last = part[-1:]
    ending = b"" if last == b"\n" else b"\n"
    digest.update(ending)
    return Torn(size + len(ending), digest.hexdigest(), ending)


def after_last_line(descriptor: int) -> int:
    """The place after the last newline."""
    end = os.fstat(descriptor).st_size
    while end > 0:
        begin = max(0, end - _CHUNK_BYTES)
        found = os.pread(descriptor, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def is_full(descriptor: int) -> bool:
    """Whether the disk of a file has no block left for this process."""
    room = os.fstatvfs(descriptor)
    blocks = room.f_bfree if os.geteuid() == 0 else room.f_bavail
    return room.f_blocks > 0 and blocks * room.f_frsize < _LEAST_ROOM_BYTES


def problem_of(change: Change, path: Path) -> HealthProblem:
    """The report of a change."""
    what, hint = _REPORTS[change]
    return HealthProblem(path, f"{path}: the audit log was {what}", hint.format(path=path))


_CUT: Final = "burnish audit verify {path} names what is missing; restore it from a copy"
_REPORTS: Final[dict[Change, tuple[str, str]]] = {
    "moved": (
        "moved; the server goes on writing to the moved file",
        "send SIGHUP to the server to start a new one",
    ),
    "deleted": (
        "deleted while the server wrote it; a new file continues its chain",
        "restore its lines from a copy; to rotate it, move the file and send SIGHUP",
    ),
    "truncated": (
        "emptied while the server wrote it; a new header continues its chain",
        "rotate by moving the file and SIGHUP, not by copytruncate; or find out who emptied it",
    ),
    "shrunk": ("cut short while the server wrote it; its chain continues after the gap", _CUT),
    "grown": (
        "written by somebody else; those lines are set aside, and its chain continues",
        "check who may write to {path}; burnish audit verify {path} names the place",
    ),
}
