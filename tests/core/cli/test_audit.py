"""``burnish audit verify``."""

from __future__ import annotations

from pathlib import Path

import pytest

from burnish.service.access import AuditLog, Decision


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    with AuditLog(path) as log:
        for number in range(5):
            log.append(
                Decision(
                    time=f"2026-05-01T12:00:0{number}.000Z",
                    request_id=f"r{number}",
                    key_id="local",
                    route="/classify",
                    model="5f" * 32,
                    status=200,
                    ms=1.0,
                )
            )
    return path


def test_a_whole_log_is_described(shell, file: Path) -> None:
    done = shell("audit", "verify", file)
    assert done.code == 0
    whole, times, head = done.out.splitlines()
    assert whole == "whole: 1 file, 6 lines, 5 decisions"
    assert times.endswith(" to 2026-05-01T12:00:04.000Z")
    assert head.startswith("head   ")
    assert head.endswith(" (sequence 5)")
    assert "--expect-head" in done.notes


def test_the_head_that_was_printed_is_accepted_and_found_again(shell, file: Path) -> None:
    head = shell("audit", "verify", file, "--json").document["head"]
    done = shell("audit", "verify", "--expect-head", head, file)
    assert (done.code, done.notes) == (0, "")
    assert "the expected head is sequence 5, the last line\n" in done.out
    with AuditLog(file) as log:
        log.append(Decision(request_id="a", key_id="", route="none", model="", status=404, ms=1.0))
    done = shell("audit", "verify", file, "--expect-head", head)
    assert "the expected head is sequence 5, 1 line before the last\n" in done.out


def test_a_cut_end_is_found_with_the_head(shell, file: Path) -> None:
    head = shell("audit", "verify", file, "--json").document["head"]
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    assert shell("audit", "verify", file).code == 0
    done = shell("audit", "verify", file, "--expect-head", head)
    assert (done.code, done.out) == (1, "")
    assert "the expected head is not there" in done.notes


def test_the_first_changed_line_is_named(shell, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"r2"', b'"r9"'))
    done = shell("audit", "verify", file)
    assert (done.code, done.out) == (1, "")
    assert done.notes.startswith(f"error: {file}:4: changed: line 5 has another digest of it\n")
    assert shell("audit", "verify", file, "--json").document["error"].startswith(f"{file}:4: ")


def test_a_recovery_is_told(shell, file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b'{"kind"')
    AuditLog(file).close()
    done = shell("audit", "verify", file)
    assert f"recovered at {file}:8, " in done.out
    assert "8 torn bytes kept before it, 0 decisions known to be lost\n" in done.out
    (recovery,) = shell("audit", "verify", file, "--json").document["recoveries"]
    assert (recovery["line"], recovery["torn_bytes"], recovery["lost"]) == (8, 8, 0)


def test_a_rotated_log_is_verified_across_its_files(shell, file: Path, tmp_path: Path) -> None:
    old = tmp_path / "audit.jsonl.1"
    with AuditLog(file) as log:
        file.rename(old)
        log.reopen()
    assert "whole: 2 files, 7 lines, 5 decisions\n" in shell("audit", "verify", old, file).out
    assert "begins after an earlier file" in shell("audit", "verify", file).out
    assert shell("audit", "verify", file, old).code == 1


def test_a_file_that_is_not_there_and_a_hash_that_is_none_are_said(shell, file: Path) -> None:
    done = shell("audit", "verify", "none.jsonl")
    assert (done.code, done.notes) == (1, "error: none.jsonl: No such file or directory\n")
    done = shell("audit", "verify", file, "--expect-head", "abc")
    assert done.code == 2
    assert "'abc' is not a head, which has 64 hexadecimal digits" in done.notes
