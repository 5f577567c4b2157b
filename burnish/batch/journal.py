"""The journal of an unfinished output: one line per answered row, in a hidden file beside it.

The first line says what is answered: a journal goes on only with the same bundle, input and
options. A process may end anywhere: a torn last line is cut off, and its row is answered again.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from burnish.directory import is_full_disk, sync
from burnish.errors import BurnishError, UsageError

__all__ = ["Entry", "Head", "Journal", "begun_head", "part_of"]

Head = Mapping[str, object]
"""What answers depend on, by names that a person understands."""

_SYNC_S = 1.0
"""Chosen: so much work is lost at most when the process is killed."""
_MOST_PENDING = 100
"""Lines that are kept in memory at most."""
_MODE = 0o600
"""Answers may hold passages of the texts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row's answer by the task's own columns, or why it has none."""

    answer: Mapping[str, object] | None
    error: str | None


def part_of(output: Path) -> Path:
    """The journal's file."""
    return output.with_name(f".{output.name}.part")


def begun_head(output: Path) -> Head | None:
    """What the answers of an interrupted run depend on; None where there are none."""
    try:
        with part_of(output).open("rb") as stream:
            line = stream.readline()
        value = json.loads(line) if line.endswith(b"\n") else None
    except (FileNotFoundError, ValueError):
        return None
    return value if isinstance(value, dict) else None


class Journal:
    """Answers on the disk; a context manager that owns the file.

    Args:
        output: what is to be written in the end.
        head: what the answers depend on, by names that a person understands.
        fresh: drop what an older journal holds.

    Raises:
        UsageError: the older journal is about something else; names what differs.
        BurnishError: another process writes it, or it cannot be written.
    """

    def __init__(self, output: Path, head: Head, *, fresh: bool) -> None:
        self.path = part_of(output)
        self.rows = 0
        """How many rows are answered."""
        self._output = output
        self._pending: list[bytes] = []
        self._synced_s = time.monotonic()
        self._descriptor = _opened(self.path)
        try:
            _own(self._descriptor, self.path)
            self._size = 0 if fresh else self._read(head)
            os.ftruncate(self._descriptor, self._size)
            os.lseek(self._descriptor, 0, os.SEEK_END)
            if not self._size:
                self._pending.append(_line(dict(head)))
                self.sync()
                sync(self.path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, entry: Entry) -> None:
        """Add the answer of the next row; it is on the disk within a second.

        Raises:
            BurnishError: it cannot be written, for example because the disk is full.
        """
        self.rows += 1
        self._pending.append(_line([self.rows, entry.answer, entry.error]))
        if time.monotonic() - self._synced_s > _SYNC_S:
            self.sync()
        elif len(self._pending) >= _MOST_PENDING:
            self._write()

    def sync(self) -> None:
        """Bring all answers so far to the disk.

        Raises:
            BurnishError: they cannot be written.
        """
        self._write()
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise unwritable(self.path, error) from error
        self._synced_s = time.monotonic()

    def _write(self) -> None:
        content, self._pending = b"".join(self._pending), []
        try:
            while content:
                content = content[os.write(self._descriptor, content) :]
        except OSError as error:
            raise unwritable(self.path, error) from error

    def entries(self) -> Iterator[Entry]:
        """Every answer, in the order of the rows."""
        with self.path.open("rb") as stream:
            next(stream)
            for line in stream:
                _, answer, error = json.loads(line)
                yield Entry(answer, error)

    def discard(self) -> None:
        """Remove the file: the output is complete."""
        self.path.unlink()
        sync(self.path.parent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._pending:
                with suppress(BurnishError):  # the error that ended the block says more
                    self.sync()
        finally:
            os.close(self._descriptor)

    def _read(self, head: Mapping[str, object]) -> int:
        """Count the answers that are whole, and return where they end."""
        size = 0
        with self.path.open("rb") as stream:
            for number, line in enumerate(stream):
                try:
                    value = json.loads(line) if line.endswith(b"\n") else None
                except ValueError:
                    break
                if number == 0 and isinstance(value, dict):
                    self._check(value, json.loads(_line(dict(head))))
                elif not isinstance(value, list) or len(value) != 3 or value[0] != number:
                    break
                self.rows = number
                size += len(line)
        return size

    def _check(self, old: Mapping[str, object], new: Mapping[str, object]) -> None:
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        if names:
            listed = ", ".join(_difference(name, old.get(name), new.get(name)) for name in names)
            raise UsageError(
                f"{self.path}: what was begun cannot go on, for this has changed since: {listed}",
                "undo the change, choose another output, or use --replace to start again",
            )


def unwritable(path: Path, error: OSError) -> BurnishError:
    """What to say where a file of a batch cannot be written."""
    if is_full_disk(error):
        return BurnishError(
            f"{path}: the disk is full, or a limit on the file's size is reached",
            "make room, then run the same command with --resume: no row is lost",
        )
    hint = "when it can be written, run the same command with --resume: no row is lost"
    return BurnishError(f"{path}: cannot be written: {error.strerror}", hint)


def _difference(name: str, old: object, new: object) -> str:
    if any(isinstance(each, str) and len(each) == 64 for each in (old, new)):  # a digest
        return name
    return f"{name} ({_shown(old)} then, {_shown(new)} now)"


def _shown(value: object) -> str:
    return "not given" if value is None else str(value)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _MODE)
    except OSError as error:
        raise BurnishError(
            f"{path}: cannot be written: {error.strerror}", "choose another output"
        ) from error


def _own(descriptor: int, path: Path) -> None:
    """Lock the file as long as it is open; the lock ends with the process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return
    except (BlockingIOError, FileNotFoundError):
        pass
    raise BurnishError(
        f"{path}: another process is writing this output",
        "wait for it, stop it, or choose another output",
    )


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"
