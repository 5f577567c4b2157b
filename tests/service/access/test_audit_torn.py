"""What a power cut leaves at an audit log's end, and how it is set aside."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from burnish.service.access import AccessError, AuditLog, verify_files


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
