"""The writer of a chain of lines: its place in a file, and how it continues after a problem."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from burnish.directory import sync
from burnish.errors import AccessError

from .appending import open_exclusive, write_all
from .changes import (
    CHANGES,
    Change,
    Torn,
    after_last_line,
    change_of,
    is_full,
    problem_of,
    torn_from,
)
from .problems import HealthProblem, log_problem
from .records import NO_LINE, HeaderLine, RecoveryLine, encode_line, hash_line, now_text
from .tail import read_header, read_tail

__all__ = ["ChainWriter"]


class ChainWriter:
    """Appends lines to a file, each with the digest of the one before. For one thread at a time."""

    def __init__(
        self,
        path: Path,
        *,
        notify: Callable[[HealthProblem], None] = log_problem,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin a chain, or go on with one whose last line is verified.

        Args:
            path: the file; created if there is none.
            notify: called with each change of the file that somebody else makes.
            clock: seconds since 1970.

        Raises:
            AccessError: the file is open to other users, is not an audit log, does not end as its
                chain says, is written by another process, or cannot be written.
        """
        self.path = path
        self.descriptor = open_exclusive(path)
        self.sequence, self.head = -1, NO_LINE
        """Of the last line."""
        self.unrecorded = 0
        """Decisions without a line; the next recovery line has their number."""
        self.dirty = False
        """Whether something has been written since this was last set to False."""
        self.retired: list[int] = []
        """Descriptors of files that were deleted: to be closed."""
        self._notify = notify
        self._clock = clock
        self._size = 0
        self._change: Change | None = None
        self.changes: dict[Change, int] = dict.fromkeys(CHANGES, 0)
        """How often somebody else has moved, deleted, cut or written the file."""
        self._gap: int | None = None
        """Where the bytes that are not records begin, after a change by somebody else."""
        try:
            self._open()
        except OSError as error:
            os.close(self.descriptor)
            raise AccessError(f"{path}: cannot be written: {error.strerror}") from error
        except BaseException:
            os.close(self.descriptor)
            raise

    def _open(self) -> None:
        if os.fstat(self.descriptor).st_size:
            self._chain = read_header(self.descriptor, self.path).chain
            self._take_up()
            return
        self._chain = secrets.token_hex(16)
        self._begin(self.descriptor)
        os.fsync(self.descriptor)
        sync(self.path.resolve().parent)

    @property
    def is_full(self) -> bool:
        """Whether the disk may have no room for another line."""
        return is_full(self.descriptor)

    @property
    def is_in_place(self) -> bool:
        """Whether the path still leads to the file."""
        ours = os.fstat(self.descriptor)
        try:
            there = self.path.stat()
        except OSError:
            return False
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)

    @property
    def is_moved(self) -> bool:
        """Whether the file has another name now. A deleted one has none: `is_changed` tells."""
        return not self.is_in_place and os.fstat(self.descriptor).st_nlink > 0

    def write(self, line: bytes, *, ending: bytes = b"") -> None:
        """Append a line that follows the last one.

        Raises:
            OSError: it is not written, or only in part; call `resume` before the next one.
        """
        try:
            write_all(self.descriptor, ending + line)
        except OSError:
            self._size = os.fstat(self.descriptor).st_size  # nobody else's change
            raise
        self._size += len(ending) + len(line)
        self.sequence += 1
        self.head = hash_line(line)
        self.dirty = True

    def is_changed(self) -> bool:
        """Whether somebody else has changed the file since the last line; if so, call `resume`."""
        status = os.fstat(self.descriptor)
        change = change_of(status, self._size)
        if change is None:
            return False
        if change in ("shrunk", "grown") and self._gap is None:
            grown = change == "grown"
            self._gap = self._size if grown else after_last_line(self.descriptor)
        self._size = status.st_size
        if change != self._change:
            self._change = change
            self.count(change)
        return True

    def count(self, change: Change) -> HealthProblem:
        """Count and report a change."""
        self.changes[change] += 1
        problem = problem_of(change, self.path)
        self._notify(problem)
        return problem

    def resume(self) -> None:
        """Continue after a problem, in this file or in one that replaces it.

        Raises:
            OSError: it cannot be written.
            AccessError: another file is in its place, or its end was changed.
        """
        status = os.fstat(self.descriptor)
        if status.st_nlink == 0:
            self._replace()
        elif status.st_size == 0:
            self._begin(self.descriptor)
        if self._gap is None:
            self._take_up()
        else:
            self._recover(torn_from(self.descriptor, self._gap))
        self._gap = self._change = None

    def move_to(self, descriptor: int) -> int:
        """Continue in a new, empty file, and return the old one's descriptor.

        Raises:
            OSError: the new file cannot be begun.
            AccessError: it is not empty.
        """
        if os.fstat(descriptor).st_size:
            raise AccessError(
                f"{self.path}: there is another file where the log was moved from",
                "move it too; until then the server writes to the moved log",
            )
        self._begin(descriptor)
        old, self.descriptor, self.dirty = self.descriptor, descriptor, True
        return old

    def _begin(self, descriptor: int) -> None:
        header = HeaderLine(
            sequence=self.sequence + 1,
            previous=self.head,
            created=now_text(self._clock()),
            chain=self._chain,
        )
        line = encode_line(header)
        try:
            write_all(descriptor, line)
        except OSError:
            os.ftruncate(descriptor, 0)  # nothing of a chain is in it
            raise
        self.sequence, self.head, self._size = header.sequence, hash_line(line), len(line)
        self._gap = None

    def _replace(self) -> None:
        """Continue in another file, since this one has been deleted."""
        descriptor = open_exclusive(self.path)
        try:
            if os.fstat(descriptor).st_size:
                self._check_copy(descriptor)
            else:
                self._begin(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self.retired.append(self.descriptor)
        self.descriptor, self.dirty, self._gap = descriptor, True, None

    def _check_copy(self, descriptor: int) -> None:
        """Refuse a file that does not end as the deleted one did: an edited or foreign one."""
        same = read_header(descriptor, self.path).chain == self._chain
        tail = read_tail(descriptor, self.path)
        if not (same and (tail.sequence, tail.head) == (self.sequence, self.head)):
            raise AccessError(
                f"{self.path}: there is another file where the log was deleted",
                "move it; the server then continues in a new file",
            )

    def _take_up(self) -> None:
        """Continue the chain at the file's end, and record a torn end or lost decisions."""
        tail = read_tail(self.descriptor, self.path)
        self.sequence, self.head = tail.sequence, tail.head
        self._size = os.fstat(self.descriptor).st_size
        if not tail.is_whole or self.unrecorded:
            self._recover(tail.as_torn())

    def _recover(self, torn: Torn) -> None:
        """Write a recovery line, for torn bytes and for decisions without a line."""
        line = RecoveryLine(
            sequence=self.sequence + 1,
            previous=self.head,
            time=now_text(self._clock()),
            torn_bytes=torn.size,
            torn_sha256=torn.sha256,
            lost=self.unrecorded,
        )
        self.write(encode_line(line), ending=torn.ending)
        self.unrecorded = 0
