"""Verification of audit logs: every line is there, in its order, and as it was written.

The chain has no key. It shows changes between two known points. It cannot show that somebody with
write access wrote the whole file anew; keep heads elsewhere for that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from burnish.errors import AccessError

from .records import (
    MAX_LINE_BYTES,
    NO_LINE,
    DecisionLine,
    HeaderLine,
    Line,
    RecoveryLine,
    TurnedAwayLine,
    hash_line,
    parse_line,
)

__all__ = ["Recovery", "Verified", "verify_files"]


@dataclass(frozen=True, slots=True)
class Recovery:
    """A place where a write broke, as the log itself has recorded it."""

    file: Path
    line: int
    time: str
    torn_bytes: int
    """How many bytes before this line are not records."""
    lost: int
    """How many decisions could not be written."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The content of logs that are whole."""

    files: int
    lines: int
    """Records, headers and recoveries among them."""
    decisions: int
    turned_away: int
    """Requests without a known key that were summed up, many in one line."""
    first_time: str
    last_time: str
    recoveries: tuple[Recovery, ...]
    chain: str
    follows: bool
    """An earlier file, not given, comes before the first."""
    sequence: int
    """Of the last line."""
    head: str
    """The digest of the last line."""
    expected_sequence: int | None
    """The sequence of the line with the expected head; it need not be the last line."""


def verify_files(paths: Sequence[Path], *, expect_head: str | None = None) -> Verified:
    """Verify logs that follow each other, oldest first, in one pass and little memory.

    Args:
        paths: the files.
        expect_head: a head that was kept elsewhere; a line must have this digest.

    Raises:
        AccessError: names the first line that is changed, missing, moved or cut out.
    """
    chain = _Chain(expect_head)
    for path in paths:
        with path.open("rb") as file:
            _verify_file(chain, path, file.readline)
    if expect_head is not None and chain.expected_sequence is None:
        raise AccessError(
            f"{paths[-1]}:{chain.line}: the expected head is not there: the end was cut off or "
            f"written anew (the last line is sequence {chain.sequence - 1}, head {chain.head})",
            _RESTORE,
        )
    return Verified(
        files=len(paths),
        lines=chain.lines,
        decisions=chain.decisions,
        turned_away=chain.turned_away,
        first_time=chain.first_time,
        last_time=chain.last_time,
        recoveries=tuple(chain.recoveries),
        chain=chain.name,
        follows=chain.follows,
        sequence=chain.sequence - 1,
        head=chain.head,
        expected_sequence=chain.expected_sequence,
    )


@dataclass(slots=True)
class _Chain:
    """The state after the lines read so far."""

    expect_head: str | None
    name: str = ""
    follows: bool = False
    sequence: int = 0
    """Of the next line."""
    head: str = NO_LINE
    line: int = 0
    lines: int = 0
    decisions: int = 0
    turned_away: int = 0
    first_time: str = ""
    last_time: str = ""
    recoveries: list[Recovery] = field(default_factory=list)
    expected_sequence: int | None = None

    def begin(self, header: HeaderLine, path: Path) -> None:
        """Take a file's header."""
        if not self.name:
            self.name = header.chain
            self.sequence, self.head = header.sequence, header.previous
            self.follows = header.previous != NO_LINE
            if self.follows != (header.sequence > 0):
                _refuse(path, 1, "changed: its sequence and its previous do not agree")
        elif header.chain != self.name:
            _refuse(path, 1, "the header of another chain, which does not follow the file before")

    def take(self, record: Line, raw: bytes) -> None:
        """Count a line that passed every check."""
        self.head = hash_line(raw)
        if self.head == self.expect_head:
            self.expected_sequence = record.sequence
        self.sequence = record.sequence + 1
        self.lines += 1
        self.decisions += isinstance(record, DecisionLine)
        self.turned_away += record.count if isinstance(record, TurnedAwayLine) else 0
        self.last_time = record.created if isinstance(record, HeaderLine) else record.time
        self.first_time = self.first_time or self.last_time


class _Torn:
    """Lines that are not records, until a recovery accounts for them."""

    def __init__(self) -> None:
        self.first_line = 0
        self.size = 0
        self._digest = hashlib.sha256()

    def add(self, raw: bytes, line: int) -> None:
        self.first_line = self.first_line or line
        self.size += len(raw)
        self._digest.update(raw)

    def is_told_by(self, record: Line) -> bool:
        if not isinstance(record, RecoveryLine):
            return self.size == 0
        return (record.torn_bytes, record.torn_sha256) == (self.size, self._digest.hexdigest())


def _verify_file(chain: _Chain, path: Path, read: Callable[[int], bytes]) -> None:
    torn = _Torn()
    line, ended = 0, True
    while raw := read(MAX_LINE_BYTES + 1):
        line += ended
        ended = raw.endswith(b"\n")
        record = parse_line(raw)
        if line == 1:
            if not isinstance(record, HeaderLine):
                _refuse(path, 1, "changed or cut out: a log begins with a header")
            chain.begin(record, path)
        elif isinstance(record, HeaderLine):
            _refuse(path, line, "inserted: a header in the middle of a file")
        if record is None:
            torn.add(raw, line)
            continue
        if not torn.is_told_by(record):
            _refuse(
                path,
                torn.first_line or line,
                "changed: not a whole record, and not recorded as torn",
            )
        _check_place(chain, record, path, line, intact=lambda: _is_intact(raw, read))
        chain.take(record, raw)
        chain.line = line
        if isinstance(record, RecoveryLine):
            chain.recoveries.append(
                Recovery(path, line, record.time, record.torn_bytes, record.lost)
            )
        torn = _Torn()
    if line == 0:
        _refuse(path, 1, "missing: the file is empty")
    if torn.size:
        _refuse(path, torn.first_line, "not a whole record, cut short or changed", _CUT_SHORT)


def _check_place(
    chain: _Chain, record: Line, path: Path, line: int, *, intact: Callable[[], bool]
) -> None:
    expected = chain.sequence
    follows = record.previous == chain.head
    if record.sequence == expected and follows:
        return
    if follows:
        _refuse(path, line, f"changed: its sequence is {record.sequence}, not {expected}")
    if record.sequence < expected:
        _refuse(
            path,
            line,
            f"inserted or moved: sequence {record.sequence} where {expected} should stand",
        )
    if record.sequence > expected:
        last = record.sequence - 1
        which = f"sequence {expected}" if last == expected else f"sequences {expected} to {last}"
        _refuse(path, line, f"{which} should stand before it: cut out or moved")
    if line > 1 and intact():
        _refuse(path, line - 1, f"changed: line {line} has another digest of it")
    _refuse(path, line, f"changed, or line {line - 1} is: it does not follow from that")


def _is_intact(raw: bytes, read: Callable[[int], bytes]) -> bool:
    """Whether the next record has this line's digest."""
    while after := read(MAX_LINE_BYTES + 1):
        if (record := parse_line(after)) is not None:
            return record.previous == hash_line(raw)
    return False


_RESTORE = "compare with a copy; everything before this line is intact"
_CUT_SHORT = "after a power cut, start the server once: it sets these bytes aside and records that"


def _refuse(path: Path, line: int, what: str, hint: str = _RESTORE) -> NoReturn:
    raise AccessError(f"{path}:{line}: {what}", hint)
