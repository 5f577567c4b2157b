"""An audit log that somebody else deletes, empties, cuts or writes while a server writes it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from burnish.service.access import AccessError, AuditLog, HealthProblem, verify_files
from burnish.service.access.chain import ChainWriter


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def cut(file: Path, *, to: float) -> None:
    os.truncate(file, int(file.stat().st_size * to))


def write_more(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"somebody was here")


CHANGES: dict[str, Callable[[Path], None]] = {
    "deleted": Path.unlink,
    "truncated": lambda file: cut(file, to=0),
    "shrunk": lambda file: cut(file, to=0.6),
    "grown": write_more,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed_reported_and_counted_without_a_request(file, decide, change) -> None:
    problems = list[HealthProblem]()
    with AuditLog(file, notify=problems.append, sync_every_s=0.02) as log:
        for _ in range(5):
            log.append(decide())
        time.sleep(0.1)
        assert not any(log.changes.values()), "nobody else has written"
        CHANGES[change](file)
        end = time.monotonic() + 5
        while not problems and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
        assert {name: count for name, count in log.changes.items() if count} == {change: 1}
    assert len(problems) == 1
    assert problems[0].hint


def test_a_file_deleted_between_two_looks_was_deleted_not_moved(file, decide, monkeypatch) -> None:
    def delete(_: ChainWriter) -> bool:
        file.unlink(missing_ok=True)
        return False

    with AuditLog(file, notify=lambda _: None, sync_every_s=60) as log:
        log.append(decide())
        monkeypatch.setattr(ChainWriter, "is_full", property(delete))  # the look after the first
        log._watch()
        assert not any(log.changes.values()), "the next look finds it"
        monkeypatch.undo()
        log._watch()
        assert {name: count for name, count in log.changes.items() if count} == {"deleted": 1}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed_by_the_next_line(file: Path, decide, change) -> None:
    with AuditLog(file, notify=lambda _: None, sync_every_s=60) as log:
        for _ in range(5):
            log.append(decide())
        for number in (1, 2):
            CHANGES[change](file)
            assert log.append(decide()), "the log goes on"
            assert log.changes[change] == number
        assert log.append(decide())
    AuditLog(file).close()


@pytest.mark.parametrize("part", [0.97, 0.6, 0.5, 0.05])
def test_a_cut_stays_in_the_log_and_a_restart_goes_on(file: Path, decide, part: float) -> None:
    with AuditLog(file, notify=lambda _: None, sync_every_s=60) as log:
        for _ in range(9):
            log.append(decide())
        cut(file, to=part)
        log.append(decide())
    if part > 0.1:  # where the header was cut nothing is left to start with
        AuditLog(file).close()
    with pytest.raises(AccessError, match=r"cut out or moved|a log begins with a header"):
        verify_files([file])


def test_a_restart_right_after_a_cut_goes_on(file: Path, decide) -> None:
    with AuditLog(file, notify=lambda _: None, sync_every_s=0.01) as log:
        for _ in range(9):
            log.append(decide())
        cut(file, to=0.5)
        while not log.changes["shrunk"]:
            time.sleep(0.01)
    with AuditLog(file) as log:
        assert log.append(decide())
    with pytest.raises(AccessError, match="cut out or moved"):
        verify_files([file])


def test_what_was_written_by_somebody_else_is_set_aside(file: Path, decide) -> None:
    with AuditLog(file, notify=lambda _: None) as log:
        log.append(decide())
        write_more(file)
        log.append(decide())
        write_more(file)
        log.append(decide())
    found = verify_files([file])
    assert found.decisions == 3
    assert [each.torn_bytes for each in found.recoveries] == [18, 18]


def test_a_new_file_after_a_deletion_goes_on_in_the_chain(
    file: Path, tmp_path: Path, decide
) -> None:
    copy = tmp_path / "copy"
    with AuditLog(file, notify=lambda _: None, sync_every_s=60) as log:
        log.append(decide())
        shutil.copy2(file, copy)
        file.unlink()
        log.append(decide())
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        log.sync()
        assert len(list(Path("/proc/self/fd").iterdir())) == descriptors - 1, "the old one's"
    assert verify_files([copy, file]).decisions == 2
    assert verify_files([file]).follows


def test_copytruncate_is_survived(file: Path, tmp_path: Path, decide) -> None:
    copy = tmp_path / "audit.jsonl.1"
    with AuditLog(file, notify=lambda _: None) as log:
        log.append(decide())
        shutil.copy2(file, copy)
        os.truncate(file, 0)
        log.append(decide())
    assert verify_files([copy, file]).decisions == 2
    with AuditLog(file) as log:
        log.append(decide())
    assert verify_files([copy, file]).decisions == 3


def test_a_rotation_that_compresses_before_the_signal_is_survived(file, tmp_path, decide) -> None:
    """No line goes into a file without a name."""
    old, kept = tmp_path / "old", tmp_path / "kept"
    with AuditLog(file, notify=lambda _: None, sync_every_s=60) as log:
        log.append(decide())
        file.rename(old)
        shutil.copy2(old, kept)
        old.unlink()
        log.append(decide())
        assert not log.reopen(), "the log is in its place already"
    assert verify_files([kept, file]).decisions == 2


def test_a_copy_in_the_place_of_the_log_is_gone_on_with(file: Path, tmp_path: Path, decide) -> None:
    """What some editors leave: the same content in another file."""
    with AuditLog(file, notify=lambda _: None) as log:
        log.append(decide())
        shutil.copy2(file, tmp_path / "copy")
        (tmp_path / "copy").replace(file)
        assert log.append(decide())
    assert verify_files([file]).decisions == 2


@pytest.mark.parametrize("other", [b"something\n", b""], ids=["foreign", "directory gone"])
def test_answers_are_refused_while_there_is_no_file_to_write(file, tmp_path, decide, other) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    file = folder / "audit.jsonl"
    problems = list[HealthProblem]()
    with AuditLog(file, notify=problems.append, sync_every_s=60) as log:
        log.append(decide())
        file.unlink()
        if other:
            file.write_bytes(other)
            file.chmod(0o600)
        else:
            folder.rmdir()
        assert not log.append(decide())
        assert not log.append(decide())
        states = [log.ready]
        assert "answers are refused" in problems[-1].message
        assert log.changes["deleted"] == 1
        file.unlink(missing_ok=True)
        folder.mkdir(exist_ok=True)
        assert log.append(decide())
        states.append(log.ready)
    assert states == [False, True]
    assert [each.lost for each in verify_files([file]).recoveries] == [2]


def test_a_cut_log_on_a_full_disk_keeps_its_gap(file: Path, decide, disk) -> None:
    """What could not be recorded at once must not be forgotten when there is room again."""
    with AuditLog(file, notify=lambda _: None, sync_every_s=60) as log:
        for _ in range(9):
            log.append(decide())
        cut(file, to=0.5)
        disk.room = 30
        assert not log.append(decide())
        disk.room = sys.maxsize
        assert log.append(decide())
    with pytest.raises(AccessError, match="cut out or moved"):
        verify_files([file])


def test_a_log_that_cannot_be_taken_up_says_how_to_go_on(written) -> None:
    file = written(5)
    content = file.read_bytes()
    file.write_bytes(content[content.index(b"\n") + 1 :])
    with pytest.raises(AccessError, match="its first line is not a header") as caught:
        AuditLog(file)
    assert "rename the file and start again" in caught.value.hint
    file.rename(file.with_name("kept"))
    AuditLog(file).close()
