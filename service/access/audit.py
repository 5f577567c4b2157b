"""The audit log: one line a decision, chained, in a file that one process at a time appends to.

Every line is one write to the file, at once: a process that is killed loses none, and a full disk
is known before the answer goes out. A thread brings what was written to the disk every second, so
that a power cut takes a second at most; the end that it tears is set aside at the next start.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

from .appending import open_exclusive, write_all
from .faults import AccessError, Fault, log_fault
from .private import sync_directory
from .records import (
    NO_LINE,
    Decision,
    HeaderLine,
    RecoveryLine,
    encode_decision,
    encode_line,
    hash_line,
    now_text,
)
from .tail import read_header, read_tail

__all__ = ["AuditLog", "OnError"]

OnError = Literal["refuse", "continue"]

_CLOSED = -1


class AuditLog:
    """Appends to an audit log. Its methods may be called from any thread.

    Not from a raw signal handler, which may interrupt one of them: from asyncio's
    ``loop.add_signal_handler`` all is well.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_error: OnError = "refuse",
        notify: Callable[[Fault], None] = log_fault,
        clock: Callable[[], float] = time.time,
        sync_every_s: float = 1.0,
    ) -> None:
        """Begin a log, or go on with one whose last line is verified.

        Args:
            path: the file; made where there is none.
            on_error: whether an answer whose line cannot be written is refused, or goes out.
            notify: told of each failure, once.
            clock: seconds since 1970.
            sync_every_s: how often what was written is brought to the disk.

        Raises:
            AccessError: the file is open to other users, is no audit log, does not end as its
                chain says, is written by another process, or cannot be written.
        """
        self._path = path
        self._on_error = on_error
        self._notify = notify
        self._clock = clock
        self._lock = threading.Lock()
        self._broken = False
        self._moved = False
        self._dirty = False
        self._lost = 0
        self._lost_unrecorded = 0
        self._fault: Fault | None = None
        self._descriptor = open_exclusive(path)
        try:
            if os.fstat(self._descriptor).st_size:
                self._chain = read_header(self._descriptor, path).chain
                self._resume()
            else:
                self._chain = secrets.token_hex(16)
                self._sequence, self._head = -1, NO_LINE
                self._begin(self._descriptor)
                os.fsync(self._descriptor)
                sync_directory(path.resolve().parent)
        except OSError as error:
            os.close(self._descriptor)
            raise AccessError(f"{path}: cannot be written: {error.strerror}") from error
        except BaseException:
            os.close(self._descriptor)
            raise
        self._stop = threading.Event()
        self._syncer = threading.Thread(
            target=self._keep_synced, args=(sync_every_s,), name="audit-sync", daemon=True
        )
        self._syncer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def refusing(self) -> bool:
        """Whether the last write failed and answers are to be refused (503, ``not_ready``).

        The refusals are appended as well: each tries again, and the first that succeeds ends this.
        """
        return self._broken and self._on_error == "refuse"

    @property
    def lost(self) -> int:
        """Decisions that could not be written since the log was opened."""
        return self._lost

    @property
    def fault(self) -> Fault | None:
        """What is wrong now."""
        return self._fault

    @property
    def head(self) -> tuple[int, str]:
        """Sequence and digest of the last line: ``burnish audit verify --expect-head`` takes it."""
        with self._lock:
            return self._sequence, self._head

    def append(self, decision: Decision) -> bool:
        """Write a decision's line, before its answer goes out.

        Returns:
            Whether the answer may go out: the line is written, or the log was told to continue.
        """
        with self._lock:
            try:
                if self._broken:
                    self._resume()
                line = encode_decision(decision, sequence=self._sequence + 1, previous=self._head)
                self._write(line)
            except (OSError, AccessError) as error:
                self._lost += 1
                self._lost_unrecorded += 1
                self._fail(error)
                return self._on_error == "continue"
            return True

    def sync(self) -> None:
        """Bring what was written to the disk."""
        try:
            with self._lock:
                if self._descriptor == _CLOSED:
                    return
                self._dirty = False
                own = os.dup(self._descriptor)  # so that nobody waits for the disk
            try:
                os.fdatasync(own)
            finally:
                os.close(own)
        except OSError as error:
            with self._lock:
                self._fail(error)

    def reopen(self) -> bool:
        """Go on in a new file where the old one was moved away; its header goes on in the chain.

        Returns:
            Whether the file had been moved.

        Raises:
            AccessError: the new file cannot be begun, or holds something. The log goes on in the
                old one.
        """
        with self._lock:
            if self._is_in_place():
                return False
            descriptor = open_exclusive(self._path)
            try:
                old = self._move_to(descriptor)
            except OSError as error:
                os.close(descriptor)
                raise AccessError(f"{self._path}: cannot be written: {error.strerror}") from error
            except BaseException:
                os.close(descriptor)
                raise
        self._settle(old)
        return True

    def _settle(self, old: int) -> None:
        """Bring old file and new to the disk. Decisions are written meanwhile."""
        try:
            os.fsync(old)
            sync_directory(self._path.resolve().parent)
        except OSError as error:
            with self._lock:
                self._fail(error)
        finally:
            os.close(old)
        self.sync()

    def close(self) -> None:
        """Bring everything to the disk and let go of the file. Later decisions are lost."""
        if self._descriptor == _CLOSED:
            return
        self._stop.set()
        self._syncer.join()
        self.sync()
        with self._lock:
            os.close(self._descriptor)
            self._descriptor = _CLOSED

    def _move_to(self, descriptor: int) -> int:
        """Go on in a new file, and return the old one's descriptor."""
        if os.fstat(descriptor).st_size:
            raise AccessError(
                f"{self._path}: another file stands where the log was moved away",
                "move it away as well; until then the log goes on in the moved file",
            )
        if self._broken:
            self._resume()
        self._begin(descriptor)
        old, self._descriptor, self._dirty = self._descriptor, descriptor, True
        return old

    def _begin(self, descriptor: int) -> None:
        header = HeaderLine(
            sequence=self._sequence + 1,
            previous=self._head,
            created=now_text(self._clock()),
            chain=self._chain,
        )
        line = encode_line(header)
        try:
            write_all(descriptor, line)
        except OSError:
            os.ftruncate(descriptor, 0)  # nothing of a chain is in it
            raise
        self._sequence, self._head = header.sequence, hash_line(line)

    def _resume(self) -> None:
        """Take the chain up at the file's end, and record what is broken there or was lost."""
        tail = read_tail(self._descriptor, self._path)
        self._sequence, self._head = tail.sequence, tail.head
        if not (tail.is_whole and not self._lost_unrecorded):
            ending = b"\n" if tail.newline_missing else b""
            torn = tail.torn + ending if tail.torn else b""
            line = RecoveryLine(
                sequence=tail.sequence + 1,
                previous=tail.head,
                time=now_text(self._clock()),
                torn_bytes=len(torn),
                torn_sha256=hashlib.sha256(torn).hexdigest(),
                lost=self._lost_unrecorded,
            )
            self._write(encode_line(line), ending=ending)
        self._lost_unrecorded = 0
        self._broken = False
        self._fault = None

    def _write(self, line: bytes, *, ending: bytes = b"") -> None:
        write_all(self._descriptor, ending + line)
        self._sequence += 1
        self._head = hash_line(line)
        self._dirty = True

    def _fail(self, error: OSError | AccessError) -> None:
        self._broken = True
        what = error.message if isinstance(error, AccessError) else (error.strerror or "an error")
        policy = "answers are refused" if self._on_error == "refuse" else "answers go out unaudited"
        self._report(
            Fault(
                self._path,
                f"{self._path}: the audit log cannot be written: {what}; {policy}",
                "make room, or mend the disk",
            )
        )

    def _report(self, fault: Fault) -> None:
        if fault != self._fault:
            self._fault = fault
            self._notify(fault)

    def _keep_synced(self, every_s: float) -> None:
        while not self._stop.wait(every_s):
            if self._dirty:
                self.sync()
            with self._lock:
                moved = not self._is_in_place()
            if moved and not self._moved:
                self._notify(_moved(self._path))
            self._moved = moved

    def _is_in_place(self) -> bool:
        ours = os.fstat(self._descriptor)
        try:
            there = self._path.stat()
        except OSError:
            return False
        return (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino)


def _moved(path: Path) -> Fault:
    return Fault(
        path,
        f"{path}: the audit log was moved or deleted, and goes on in the old file",
        "send SIGHUP to the server to begin a new one",
    )
