"""An audit log that goes on in a new file."""

from __future__ import annotations

import fcntl
import json
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from burnish.service.access import AccessError, AuditLog, HealthProblem, verify_files


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def test_a_new_file_goes_on_in_the_chain_of_the_old_one(tmp_path: Path, decide) -> None:
    file, old, older = (tmp_path / f"audit.jsonl{end}" for end in ("", ".1", ".2"))
    with AuditLog(file) as log:
        log.append(decide())
        assert not log.reopen(), "nothing was moved"
        file.rename(older)
        log.append(decide())  # between the move and the signal
        assert log.reopen()
        log.append(decide())
        file.rename(old)
        assert log.reopen()
        log.append(decide())
        head = log.head
    found = verify_files([older, old, file])
    assert (found.files, found.lines, found.decisions, found.follows) == (3, 7, 4, False)
    assert (found.sequence, found.head) == head
    assert verify_files([old, file]).follows
    assert len({lines(path)[0]["chain"] for path in (older, old, file)}) == 1


def test_an_empty_file_that_stands_there_already_is_taken(tmp_path: Path, decide) -> None:
    """What logrotate's ``create`` makes."""
    file = tmp_path / "audit.jsonl"
    with AuditLog(file) as log:
        file.rename(tmp_path / "old")
        file.touch(mode=0o600)
        assert log.reopen()
        log.append(decide())
    assert verify_files([tmp_path / "old", file]).decisions == 1


def test_a_file_that_holds_something_is_not_taken_and_the_old_one_goes_on(tmp_path, decide):
    file, old = tmp_path / "audit.jsonl", tmp_path / "old"
    with AuditLog(file) as log:
        file.rename(old)
        file.write_text("something\n")
        file.chmod(0o600)
        with pytest.raises(AccessError, match="there is another file where the log was moved from"):
            log.reopen()
        assert log.append(decide())
        file.unlink()
        assert log.reopen()
        assert log.append(decide())
    assert verify_files([old, file]).decisions == 2


def test_a_rotation_onto_a_full_disk_goes_on_in_the_old_file(tmp_path, decide, disk) -> None:
    file, old = tmp_path / "audit.jsonl", tmp_path / "old"
    with AuditLog(file) as log:
        file.rename(old)
        disk.room = 50
        with pytest.raises(AccessError, match="No space left"):
            log.reopen()
        disk.room = sys.maxsize
        assert log.append(decide())
        assert log.reopen()
    assert verify_files([old, file]).decisions == 1


def test_a_rotation_lets_go_of_the_old_file(tmp_path: Path) -> None:
    file, old = tmp_path / "audit.jsonl", tmp_path / "old"
    with AuditLog(file) as log:
        file.rename(old)
        log.reopen()
        with old.open() as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with file.open() as stream, pytest.raises(BlockingIOError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_log_that_was_moved_is_reported_once(tmp_path: Path) -> None:
    problems = list[HealthProblem]()
    told = threading.Event()

    def notify(problem: HealthProblem) -> None:
        problems.append(problem)
        told.set()

    file = tmp_path / "audit.jsonl"
    with AuditLog(file, notify=notify, sync_every_s=0.01) as log:
        file.rename(tmp_path / "old")
        assert told.wait(5)
        time.sleep(0.1)
        states = [log.problem]
        log.reopen()
        states.append(log.problem)
    assert states == [problems[0], None]
    assert len(problems) == 1
    assert "was moved; the server goes on writing to the moved file" in problems[0].message


def test_a_rotation_that_fails_is_tried_again(tmp_path: Path, decide, monkeypatch) -> None:
    """Out of descriptors, for one: nobody sends SIGHUP a second time."""
    file, old = tmp_path / "audit.jsonl", tmp_path / "old"
    opening = os.open

    def failing(path, *more, **named):
        if path == file:
            raise OSError(24, "Too many open files")
        return opening(path, *more, **named)

    with AuditLog(file, notify=lambda _: None, sync_every_s=0.01) as log:
        file.rename(old)
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", failing)
            with pytest.raises(AccessError, match="Too many open files"):
                log.reopen()
            assert log.append(decide())
        end = time.monotonic() + 5
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.01)
        assert log.append(decide())
    assert verify_files([old, file]).decisions == 2


def test_decisions_are_written_while_a_new_file_comes_to_the_disk(
    tmp_path: Path, decide, monkeypatch
) -> None:
    file, old = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl.1"
    syncing, go_on = threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        syncing.set()
        assert go_on.wait(30)

    with AuditLog(file) as log:
        log.append(decide())
        file.rename(old)
        monkeypatch.setattr("os.fsync", slow)
        reopening = threading.Thread(target=log.reopen)
        reopening.start()
        assert syncing.wait(30)
        assert log.append(decide())
        go_on.set()
        reopening.join()
    assert verify_files([old, file]).decisions == 2
