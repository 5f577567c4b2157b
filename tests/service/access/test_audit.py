"""The writer of an audit log: its file, its chain, and what it does when it cannot write."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import timeit
from pathlib import Path

import pytest

from burnish.service.access import AccessError, AuditLog, Fault, audit, verify_files
from burnish.service.access.records import NO_LINE


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_bytes().splitlines()]


def test_a_log_is_a_header_and_a_line_a_decision(tmp_path: Path, decide) -> None:
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, clock=lambda: 1_777_636_800.0) as log:
        assert log.append(decide(status=429, error_type="overloaded"))
        assert len(lines(file)) == 2, "at once, not at the close"
    header, decision = lines(file)
    assert header.pop("chain")
    assert header == {
        "kind": "header",
        "schema_version": 1,
        "sequence": 0,
        "previous": NO_LINE,
        "created": "2026-05-01T12:00:00.000Z",
    }
    assert (decision["status"], decision["error_type"]) == (429, "overloaded")
    assert "input_hmac" not in decision


def test_each_line_has_the_digest_of_the_one_before(written) -> None:
    file = written(5)
    raw = file.read_bytes().splitlines(keepends=True)
    for number, (before, after) in enumerate(itertools.pairwise(raw), 1):
        assert json.loads(after)["previous"] == hashlib.sha256(before).hexdigest()
        assert json.loads(after)["sequence"] == number


def test_the_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        AuditLog(tmp_path / "audit.jsonl").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "audit.jsonl").stat().st_mode) == 0o600


def test_a_file_that_others_may_read_is_refused(written) -> None:
    file = written(1)
    file.chmod(0o644)
    with pytest.raises(AccessError, match="other users may read or write it"):
        AuditLog(file)


def test_a_log_that_is_opened_again_goes_on_in_its_chain(written, decide) -> None:
    file = written(3)
    with AuditLog(file) as log:
        log.append(decide())
        head = log.head
    found = verify_files([file])
    assert (found.sequence, found.head) == head
    assert (found.lines, found.decisions, found.recoveries) == (5, 4, ())


def test_a_second_process_is_refused_by_name(written) -> None:
    file = written(1)
    with AuditLog(file):
        code = (
            "import sys; from pathlib import Path; from burnish.service.access import AuditLog\n"
            "try: AuditLog(Path(sys.argv[1]))\n"
            "except Exception as error: print(error.message)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, file], capture_output=True, text=True, check=True
        )
    assert done.stdout.startswith(f"{file}: another process")
    assert f"(number {os.getpid()})" in done.stdout or "process writes" in done.stdout
    AuditLog(file).close()


def test_two_logs_of_one_process_are_refused_as_well(written) -> None:
    file = written(1)
    with AuditLog(file), pytest.raises(AccessError, match="writes this audit log"):
        AuditLog(file)


@pytest.mark.parametrize(
    "content", [b"text\n", b"{}\n", b"\n", b"x", b'{"kind":"decision"}\n', b"\0" * 5000]
)
def test_a_file_that_is_no_log_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(AccessError, match="not an audit log"):
        AuditLog(file)
    assert file.read_bytes() == content


def test_a_log_whose_end_does_not_follow_is_refused(written) -> None:
    file = written(4)
    raw = file.read_bytes().splitlines(keepends=True)
    for wrong in [
        [*raw[:3], raw[4]],
        [*raw[:3], raw[3].replace(b"200", b"201"), raw[4]],
        [*raw[:3], b"garbage\n", raw[4]],
        [raw[0], raw[4]],
        [*raw, raw[2]],
    ]:
        content = b"".join(wrong)
        file.write_bytes(content)
        with pytest.raises(AccessError, match="its last line does not follow the one before"):
            AuditLog(file)
        assert file.read_bytes() == content


# A torn end


def test_a_cut_of_the_last_write_is_set_aside_and_recorded(written, decide) -> None:
    file = written(3)
    content = file.read_bytes()
    last = content.rindex(b"\n", 0, -1) + 1
    for cut in (
        last + 1,
        *range(last + 2, len(content) - 2, 17),
        len(content) - 2,
        len(content) - 1,
    ):
        file.write_bytes(content[:cut])
        with AuditLog(file) as log:
            assert log.append(decide())
        assert file.read_bytes().startswith(content[:cut]), "nothing is taken away"
        found = verify_files([file])
        assert len(found.recoveries) == 1
        (recovery,) = found.recoveries
        if cut == len(content) - 1:  # all but the newline: the record is whole
            assert (recovery.torn_bytes, found.decisions) == (0, 4)
        else:
            assert (recovery.torn_bytes, found.decisions) == (cut - last + 1, 3)
            assert recovery.line == 5


@pytest.mark.parametrize(
    "torn",
    [b"\0" * 3000, b"\0\n\0", b"{", b"\n", b"\r", b"\n\n\r\n", b"\xff\xfe", b'{"kind":"recovery"'],
)
def test_whatever_a_power_cut_leaves_is_set_aside(written, decide, torn: bytes) -> None:
    file = written(2)
    with file.open("ab") as stream:
        stream.write(torn)
    with AuditLog(file) as log:
        log.append(decide())
    AuditLog(file).close()
    found = verify_files([file])
    assert found.decisions == 3
    assert [each.torn_bytes for each in found.recoveries] == [len(torn) + (torn[-1:] != b"\n")]
    assert torn in file.read_bytes()


def test_a_recovery_that_is_torn_itself_is_recovered(written, decide) -> None:
    file = written(2)
    with file.open("ab") as stream:
        stream.write(b'{"kind":"dec')
    before = len(file.read_bytes())
    AuditLog(file).close()
    content = file.read_bytes()
    for cut in (*range(before, len(content) - 2, 17), len(content) - 2, len(content) - 1):
        file.write_bytes(content[:cut])
        AuditLog(file).close()
        with AuditLog(file) as log:
            log.append(decide())
        found = verify_files([file])
        # Where the newline alone was missing, the first is whole and the second tells of that.
        assert len(found.recoveries) == 1 + (cut == len(content) - 1)
        assert found.decisions == 3


def test_two_recoveries_are_both_named(written, decide) -> None:
    file = written(1)
    for _ in range(2):
        with file.open("ab") as stream:
            stream.write(b"{")
        with AuditLog(file) as log:
            log.append(decide())
    assert [each.line for each in verify_files([file]).recoveries] == [4, 7]


def test_a_torn_end_beyond_all_bounds_is_refused(written, monkeypatch) -> None:
    file = written(1)
    with file.open("ab") as stream:
        stream.write(b"\0" * (1024 * 1024))
    with pytest.raises(AccessError, match="no whole record within its last"):
        AuditLog(file)


def test_the_end_of_a_long_log_is_found(written, decide) -> None:
    file = written(3000)
    assert file.stat().st_size > 1024 * 1024
    with AuditLog(file) as log:
        log.append(decide())
    assert verify_files([file]).decisions == 3001


def test_a_killed_writer_loses_no_line(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    code = (
        "import sys, os; from pathlib import Path\n"
        "from burnish.service.access import AuditLog, Decision\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for i in range(10**9):\n"
        "    log.append(Decision(request_id=str(i), key_id='', route='none', model='',"
        " status=404, error_type='not_found', ms=1.0))\n"
        "    os.write(1, b'%d\\n' % i)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, file], stdout=subprocess.PIPE)
    assert process.stdout is not None
    for _ in range(200):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    told = [int(line) for line in process.stdout.read().split()]
    process.wait()
    process.stdout.close()
    AuditLog(file).close()
    assert verify_files([file]).decisions >= (told[-1] + 1 if told else 200)


# Writes that fail


class Disk:
    """Takes the next so many bytes, and then none until there is room."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room = sys.maxsize
        self._write = os.write
        monkeypatch.setattr(audit, "write_all", self.write_all)

    def write_all(self, descriptor: int, content: bytes) -> None:
        taken = content[: self.room]
        self._write(descriptor, taken)
        self.room -= len(taken)
        if len(taken) < len(content):
            raise OSError(28, "No space left on device")


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.mark.parametrize("room", [0, 1, 100, 300])
def test_a_full_disk_refuses_answers_until_there_is_room(tmp_path, decide, disk, room) -> None:
    faults = list[Fault]()
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, notify=faults.append) as log:
        assert log.append(decide())
        states = [log.refusing]
        disk.room = room
        assert [log.append(decide()) for _ in range(4)] == [False] * 4
        states.append(log.refusing)
        assert len(faults) == 1
        assert "No space left on device; answers are refused" in faults[0].message
        assert faults == [log.fault]
        disk.room = sys.maxsize
        assert log.append(decide())
        assert [*states, log.refusing] == [False, True, False]
        assert log.fault is None
        assert log.lost == 4
        assert log.append(decide())
    found = verify_files([file])
    assert found.decisions == 3
    assert [each.lost for each in found.recoveries] == [4]
    assert (found.recoveries[0].torn_bytes > 0) == (room > 0)


def test_the_other_policy_lets_answers_out_and_records_how_many(tmp_path, decide, disk) -> None:
    faults = list[Fault]()
    file = tmp_path / "audit.jsonl"
    with AuditLog(file, on_error="continue", notify=faults.append) as log:
        disk.room = 10
        assert [log.append(decide()) for _ in range(4)] == [True] * 4
        assert not log.refusing
        assert log.lost == 4
        assert "answers go out unaudited" in faults[0].message
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
        "log = AuditLog(Path(sys.argv[1]), notify=lambda fault: print(fault.message))\n"
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


def test_a_disk_that_fails_to_sync_refuses_answers(tmp_path, decide, monkeypatch) -> None:
    faults = list[Fault]()

    def failing(_: int) -> None:
        raise OSError(5, "Input/output error")

    with AuditLog(tmp_path / "audit.jsonl", notify=faults.append, sync_every_s=60) as log:
        log.append(decide())
        monkeypatch.setattr(os, "fdatasync", failing)
        log.sync()
        assert log.refusing
        assert "Input/output error" in faults[0].message
        monkeypatch.undo()
        assert log.append(decide())
    assert verify_files([tmp_path / "audit.jsonl"]).decisions == 2


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


# Rotation


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
        with pytest.raises(AccessError, match="another file stands where the log was moved away"):
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


def test_a_log_that_was_deleted_is_reported_once(tmp_path: Path) -> None:
    faults = list[Fault]()
    told = threading.Event()

    def notify(fault: Fault) -> None:
        faults.append(fault)
        told.set()

    file = tmp_path / "audit.jsonl"
    with AuditLog(file, notify=notify, sync_every_s=0.01):
        file.unlink()
        assert told.wait(5)
        time.sleep(0.1)
    assert len(faults) == 1
    assert "was moved or deleted" in faults[0].message


def test_the_time_of_a_line(tmp_path: Path, decide, record_property) -> None:
    with AuditLog(tmp_path / "audit.jsonl") as log:
        decision = decide()
        ways = {
            "append": lambda: log.append(decision),
            "make and append": lambda: log.append(decide()),
        }
        for name, way in ways.items():
            before = time.process_time()
            timeit.timeit(way, number=5000)
            microseconds = (time.process_time() - before) / 5000 * 1e6
            record_property(f"{name}_us", microseconds)
            print(f"AuditLog, {name}: {microseconds:.1f} microseconds of CPU a line")
