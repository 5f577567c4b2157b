"""The audit log: one line per decision, chained, in a file that one process at a time appends to.

Every line is written at once, in one call: a process that is killed loses none, and a full disk is
noticed before the answer goes out. A thread syncs the file to the disk every second, so that a
power cut loses one second at most; the next start sets the torn end aside. The same thread checks
whether somebody has moved, deleted, cut or written the file, and whether a full disk has room
again.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self

from burnish.directory import sync
from burnish.errors import AccessError

from .appending import open_exclusive
from .chain import ChainWriter
from .changes import Change
from .problems import HealthProblem, log_problem
from .records import Decision, TurnedAway, encode_decision, encode_line

__all__ = ["AuditLog", "OnError"]

OnError = Literal["refuse", "continue"]

_CLOSED = -1


class AuditLog:
    """Appends to an audit log. Its methods may be called from any thread.

    A raw signal handler must not call them, since it may interrupt one of them. A handler of
    asyncio's ``loop.add_signal_handler`` may.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_error: OnError = "refuse",
        notify: Callable[[HealthProblem], None] = log_problem,
        clock: Callable[[], float] = time.time,
        sync_every_s: float = 1.0,
    ) -> None:
        """Begin a log, or go on with one whose last line is verified.

        Args:
            path: the file; created if there is none.
            on_error: whether an answer whose line cannot be written is refused, or goes out.
            notify: called once with each failure.
            clock: seconds since 1970.
            sync_every_s: how often the file is synced to the disk, and checked.

        Raises:
            AccessError: the file is open to other users, is not an audit log, does not end as its
                chain says, is written by another process, or cannot be written.
        """
        self._path = path
        self._on_error = on_error
        self._notify = notify
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        """Held while a descriptor is synced or closed; taken before the other lock, never after."""
        self._broken = self._unsynced = self._full = self._reopening = False
        self.lost = 0
        """Decisions that could not be written since the log was opened."""
        self._problem: HealthProblem | None = None
        self._moved: HealthProblem | None = None
        self._chain = ChainWriter(path, notify=notify, clock=clock)
        self._stop = threading.Event()
        self._syncer = threading.Thread(
            target=self._keep_watch, args=(sync_every_s,), name="audit-sync", daemon=True
        )
        self._syncer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def refusing(self) -> bool:
        """Whether the last write failed and answers are refused (503, ``not_ready``).

        Each refusal tries to write its own line, and the log tries again every second. The first
        write that succeeds ends this state.
        """
        return self._broken and self._on_error == "refuse"

    @property
    def ready(self) -> bool:
        """Whether the next answers can be recorded, or may go out without it."""
        return self._on_error == "continue" or not (self._broken or self._full)

    @property
    def changes(self) -> Mapping[Change, int]:
        """How often somebody else has moved, deleted, cut or written the file."""
        return self._chain.changes

    @property
    def problem(self) -> HealthProblem | None:
        """The present problem, if there is one."""
        return self._problem or self._moved

    @property
    def head(self) -> tuple[int, str]:
        """Sequence and digest of the last line, for ``burnish audit verify --expect-head``."""
        with self._lock:
            return self._chain.sequence, self._chain.head

    def append(self, decision: Decision) -> bool:
        """Write a decision's line, before its answer goes out.

        Returns:
            Whether the answer may go out: the line is written, or the log was told to continue.
        """
        return self._append(
            lambda sequence, head: encode_decision(decision, sequence=sequence, previous=head)
        )

    def append_turned_away(self, turned_away: TurnedAway) -> bool:
        """Write one line for many refusals of callers without a known key; returns as `append`."""
        return self._append(
            lambda sequence, head: encode_line(turned_away.line(sequence, previous=head)),
            decisions=turned_away.count,
        )

    def _append(self, encode: Callable[[int, str], bytes], *, decisions: int = 1) -> bool:
        with self._lock:
            try:
                self._resume_where_needed()
                self._chain.write(encode(self._chain.sequence + 1, self._chain.head))
            except (OSError, AccessError) as error:
                self.lost += decisions
                self._chain.unrecorded += decisions
                self._fail(error)
                return self._on_error == "continue"
            return True

    def sync(self) -> None:
        """Sync the file to the disk. It needs no new descriptor, and no decision waits for it."""
        with self._syncing:
            with self._lock:
                descriptor, self._chain.dirty = self._chain.descriptor, False
                retired, self._chain.retired = self._chain.retired, []
            for each in retired:
                os.close(each)
            if descriptor == _CLOSED:
                return
            try:
                os.fdatasync(descriptor)
            except OSError as error:
                self._not_synced(error)

    def reopen(self) -> bool:
        """Continue in a new file if the old one was moved away; its header continues the chain.

        Returns:
            Whether the file had been moved.

        Raises:
            AccessError: the new file cannot be begun, or is not empty. The log continues in the old
                one, and tries again every second.
        """
        with self._lock:
            self._reopening = not self._chain.is_in_place
            if not self._reopening:
                return False
            descriptor = open_exclusive(self._path)
            try:
                if self._broken:
                    self._resume()
                old = self._chain.move_to(descriptor)
            except OSError as error:
                os.close(descriptor)
                raise AccessError(f"{self._path}: cannot be written: {error.strerror}") from error
            except BaseException:
                os.close(descriptor)
                raise
            self._reopening, self._moved = False, None
        self._settle(old)
        return True

    def _settle(self, old: int) -> None:
        """Sync the old file and the new one to the disk. Decisions are written meanwhile."""
        with self._syncing:
            try:
                os.fsync(old)
                sync(self._path.resolve().parent)
            except OSError as error:
                self._not_synced(error)
            finally:
                os.close(old)
        self.sync()

    def close(self) -> None:
        """Sync everything to the disk, and close the file. Later decisions are lost."""
        if self._chain.descriptor == _CLOSED:
            return
        self._stop.set()
        self._syncer.join()
        self.sync()
        with self._syncing, self._lock:
            os.close(self._chain.descriptor)
            self._chain.descriptor = _CLOSED

    def _resume_where_needed(self) -> None:
        if self._chain.is_changed():
            self._broken = True
        if self._broken:
            self._resume()

    def _resume(self) -> None:
        if self._unsynced:
            os.fdatasync(self._chain.descriptor)
        self._chain.resume()
        self._broken = self._unsynced = False
        self._problem = None

    def _fail(self, error: OSError | AccessError) -> None:
        self._broken = True
        if isinstance(error, AccessError):
            what, hint = error.message.removeprefix(f"{self._path}: "), error.hint
        else:
            what, hint = error.strerror or "an error", "free some space, or repair the disk"
        policy = "answers are refused" if self._on_error == "refuse" else "answers go out unaudited"
        self._report(f"the audit log cannot be written: {what}; {policy}", hint)

    def _not_synced(self, error: OSError) -> None:
        with self._lock:
            self._broken = self._unsynced = True
            self._report(
                f"the audit log cannot be synced to disk: {error.strerror}; a power cut may "
                "lose its last lines",
                "repair the disk",
            )

    def _report(self, what: str, hint: str) -> None:
        problem = HealthProblem(self._path, f"{self._path}: {what}", hint)
        if problem != self._problem:
            self._problem = problem
            self._notify(problem)

    def _keep_watch(self, every_s: float) -> None:
        while not self._stop.wait(every_s):
            with self._lock:
                self._watch()
            if self._chain.dirty or self._chain.retired:
                self.sync()
            if self._reopening:
                with suppress(AccessError):  # the first try has reported it
                    self.reopen()

    def _watch(self) -> None:
        try:
            self._resume_where_needed()
            self._full = self._chain.is_full
        except (OSError, AccessError) as error:
            self._fail(error)
            return
        if self._full:
            self._report(
                "the disk of the audit log is full: its next line may not fit", "make room"
            )
        else:
            self._problem = None
        if not self._chain.is_moved:
            self._moved = None
        elif self._moved is None:
            self._moved = self._chain.count("moved")
