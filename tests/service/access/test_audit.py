"""The writer of an audit log: its file, its chain, and what it does when it cannot write."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from burnish.service.access import AccessError, AuditLog, verify_files
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
    with AuditLog(file), pytest.raises(AccessError, match="is writing this audit log"):
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
