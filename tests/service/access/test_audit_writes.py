"""An audit log that cannot be written, synced or begun."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from burnish.service.access import AccessError, AuditLog, HealthProblem, verify_files
from tests.service.access.conftest import Disk


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


@pytest.mark.parametrize("room", [0, 1, 100, 300])
def test_a_full_disk_refuses_answers_until_there_is_room(tmp_path, decide, disk, room) -> None:
    problems = list[HealthProblem]()
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, notify=problems.append) as log:
        assert log.append(decide())
        states = [log.refusing]
        disk.room = room
        assert [log.append(decide()) for _ in range(4)] == [False] * 4
        states.append(log.refusing)
        assert len(problems) == 1
        assert "No space left on device; answers are refused" in problems[0].message
        assert problems == [log.problem]
        disk.room = sys.maxsize
        assert log.append(decide())
        assert [*states, log.refusing] == [False, True, False]
        assert log.problem is None
        assert log.lost == 4
        assert log.append(decide())
    found = verify_files([file])
    assert found.decisions == 3
    assert [each.lost for each in found.recoveries] == [4]
    assert (found.recoveries[0].torn_bytes > 0) == (room > 0)


def test_the_other_policy_lets_answers_out_and_records_how_many(tmp_path, decide, disk) -> None:
    problems = list[HealthProblem]()
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, on_error="continue", notify=problems.append) as log:
        disk.room = 10
        assert [log.append(decide()) for _ in range(4)] == [True] * 4
        assert not log.refusing
        assert log.lost == 4
        assert "answers go out unaudited" in problems[0].message
        disk.room = sys.maxsize
        log.append(decide())
    assert [each.lost for each in verify_files([file]).recoveries] == [4]


def test_a_disk_that_fills_while_it_recovers_is_survived(tmp_path, decide, disk) -> None:
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, notify=lambda _: None) as log:
        for room in range(0, 900, 37):
            disk.room = room
            log.append(decide())
        disk.room = sys.maxsize
        assert log.append(decide())
        lost = log.lost
    found = verify_files([file])
    assert sum(each.lost for each in found.recoveries) == lost > 0


def test_a_file_system_that_is_full_is_noticed(tmp_path: Path) -> None:
    """With the system's own error: a limit on the size of files, in a process of its own."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from burnish.service.access import AuditLog, Decision\n"
        "log = AuditLog(Path(sys.argv[1]), notify=lambda problem: print(problem.message))\n"
        "d = Decision(request_id='a', key_id='', route='none', model='', status=404, ms=1.0)\n"
        "soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))\n"
        "print([log.append(d) for _ in range(6)], log.refusing)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))\n"
        "print(log.append(d), log.refusing)\n"
    )
    file = tmp_path / "audit.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", code, file], capture_output=True, text=True, check=True
    )
    message, refused, taken = done.stdout.splitlines()
    assert message.endswith("the audit log cannot be written: File too large; answers are refused")
    assert refused == "[True, True, True, False, False, False] True"
    assert taken == "True False"
    (recovery,) = verify_files([file]).recoveries
    assert recovery.lost == 3
    assert recovery.torn_bytes > 0


def test_a_log_that_cannot_be_begun_is_an_error(tmp_path: Path, disk: Disk) -> None:
    disk.room = 20
    with pytest.raises(AccessError, match="cannot be written: No space left"):
        AuditLog(tmp_path / "audit.jsonl")
    disk.room = sys.maxsize
    AuditLog(tmp_path / "audit.jsonl").close()
    with pytest.raises(AccessError, match="cannot be opened for the audit log"):
        AuditLog(tmp_path / "none" / "audit.jsonl")


def test_what_was_written_is_brought_to_the_disk_soon_and_once(tmp_path, decide, monkeypatch):
    synced = threading.Event()
    calls = 0
    fdatasync = os.fdatasync

    def counting(descriptor: int) -> None:
        nonlocal calls
        calls += 1
        fdatasync(descriptor)
        synced.set()

    monkeypatch.setattr(os, "fdatasync", counting)
    with AuditLog(tmp_path / "audit.jsonl", sync_every_s=0.02) as log:
        log.append(decide())
        assert synced.wait(5)
        time.sleep(0.1)
        assert calls == 1, "nothing new was written"


def test_after_a_failed_sync_answers_wait_for_one_that_succeeds(
    tmp_path, decide, monkeypatch
) -> None:
    problems = list[HealthProblem]()

    def failing(_: int) -> None:
        raise OSError(5, "Input/output error")

    with AuditLog(tmp_path / "audit.jsonl", notify=problems.append, sync_every_s=60) as log:
        log.append(decide())
        monkeypatch.setattr(os, "fdatasync", failing)
        log.sync()
        assert log.refusing
        assert "Input/output error; a power cut may lose its last lines" in problems[0].message
        assert "refused" not in problems[0].message, "none has been"
        assert not log.append(decide())
        assert "answers are refused" in problems[1].message
        monkeypatch.undo()
        assert log.append(decide())
    assert verify_files([tmp_path / "audit.jsonl"]).decisions == 2


def test_a_log_needs_no_descriptor_but_its_own(tmp_path: Path) -> None:
    """In a process that has used up what it may open, nothing fails and nothing is said to."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from burnish.service.access import AuditLog, Decision\n"
        "log = AuditLog(Path(sys.argv[1]), notify=lambda problem: print(problem.message))\n"
        "d = Decision(request_id='a', key_id='', route='none', model='', status=404, ms=1.0)\n"
        "try:\n"
        "    while True: os.dup(0)\n"
        "except OSError: print('none left')\n"
        "print(log.append(d)); log.sync(); print(log.append(d), log.problem)\n"
    )
    file = tmp_path / "audit.jsonl"
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 100 && exec "$0" "$@"', sys.executable, "-c", code, file],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["none left", "True", "True None"]


def test_a_disk_that_has_room_again_is_noticed_without_a_request(tmp_path, decide, disk) -> None:
    """No load balancer sends a request to a server that is not ready."""
    with AuditLog(tmp_path / "audit.jsonl", notify=lambda _: None, sync_every_s=0.01) as log:
        disk.room = 10
        assert not log.append(decide())
        assert not log.ready
        disk.room = sys.maxsize
        assert soon(lambda: log.ready and log.problem is None)


@pytest.mark.parametrize("on_error", ["refuse", "continue"])
def test_a_full_disk_is_noticed_without_a_request(tmp_path, monkeypatch, on_error) -> None:
    problems = list[HealthProblem]()
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, on_error=on_error, notify=problems.append, sync_every_s=0.01) as log:
        monkeypatch.setattr("burnish.service.access.chain.is_full", lambda _: True)
        assert soon(lambda: log.problem is not None)
        assert log.ready == (on_error == "continue")
        assert not log.refusing, "the next line may still fit"
        monkeypatch.setattr("burnish.service.access.chain.is_full", lambda _: False)
        assert soon(lambda: log.ready and log.problem is None)
    assert len(problems) == 1
    assert "the disk of the audit log is full" in problems[0].message


def soon(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def test_after_the_close_nothing_is_taken(written, tmp_path, decide) -> None:
    log = AuditLog(tmp_path / "other.jsonl", notify=lambda _: None)
    log.close()
    log.close()
    assert not log.append(decide())


def test_many_threads_write_one_chain(tmp_path: Path, decide) -> None:
    file = tmp_path / "audit.jsonl"
    with AuditLog(file) as log:
        decisions = [decide() for _ in range(800)]

        def write(part: int) -> None:
            for decision in decisions[part::8]:
                log.append(decision)

        threads = [threading.Thread(target=write, args=(part,)) for part in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert verify_files([file]).decisions == 800
