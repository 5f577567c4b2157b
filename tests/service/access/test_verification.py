"""Verification: whatever is done to a log is found and its place is named."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from burnish.service.access import AccessError, AuditLog, Decision, Verified, verify_files

DECISIONS = 12

quick = settings(
    max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def decision(number: int) -> Decision:
    return Decision(
        request_id=f"request-{number}",
        key_id="k7m2x9qa",
        route="/extract",
        model="5f" * 32,
        status=200,
        tokens=number,
        ms=1.5,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The lines of a log, with a recovery in its middle."""
    file = tmp_path_factory.mktemp("whole") / "audit.jsonl"
    with AuditLog(file) as log:
        for number in range(DECISIONS // 2):
            log.append(decision(number))
    with file.open("ab") as stream:
        stream.write(b'{"kind":"decision","sequence":7,"pre')
    with AuditLog(file) as log:
        for number in range(DECISIONS // 2, DECISIONS):
            log.append(decision(number))
    return file.read_bytes().splitlines(keepends=True)


@pytest.fixture
def check(tmp_path: Path):
    """Verifies lines as a file, the head of the whole log being known."""

    def verify(lines: list[bytes], *, head: bytes | None = None) -> Verified:
        file = tmp_path / "audit.jsonl"
        file.write_bytes(b"".join(lines))
        return verify_files(
            [file], expect_head=None if head is None else hashlib.sha256(head).hexdigest()
        )

    return verify


def place(error: AccessError) -> int:
    found = re.match(r".*audit\.jsonl:(\d+): ", error.message)
    assert found, error.message
    return int(found[1])


def test_a_whole_log_is_whole(whole, check) -> None:
    found = check(whole, head=whole[-1])
    assert (found.lines, found.decisions) == (DECISIONS + 2, DECISIONS)
    assert found.expected_sequence == found.sequence == DECISIONS + 1
    assert [each.line for each in found.recoveries] == [9]
    assert found.first_time <= found.last_time == json.loads(whole[-1])["time"]


@quick
@given(data=st.data())
def test_any_byte_that_is_changed_is_found(whole, check, data) -> None:
    content = b"".join(whole)
    index = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != content[index]))
    changed = content[:index] + bytes([byte]) + content[index + 1 :]
    with pytest.raises(AccessError) as caught:
        check([changed], head=whole[-1])
    line = content[:index].count(b"\n") + 1
    # A change of `previous` may be the line's own or that of the line before.
    assert place(caught.value) in (line - 1, line, line + 1)


def test_every_byte_of_the_lines_before_the_last_is_covered_by_the_chain_alone(whole, check):
    covered = len(b"".join(whole[:-1]))
    content = b"".join(whole)
    for index in range(0, covered, 3):
        changed = content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :]
        with pytest.raises(AccessError):
            check([changed])


@quick
@given(data=st.data())
def test_any_lines_that_are_cut_out_are_found(whole, check, data) -> None:
    begin = data.draw(st.integers(0, len(whole) - 1))
    end = data.draw(st.integers(begin + 1, len(whole)))
    left = whole[:begin] + whole[end:]
    with pytest.raises(AccessError) as caught:
        check(left, head=whole[-1])
    if end < len(whole) and begin:  # torn bytes may stand before the next record
        assert place(caught.value) in (begin, begin + 1, begin + 2)


@quick
@given(data=st.data())
def test_any_two_lines_that_change_places_are_found(whole, check, data) -> None:
    first = data.draw(st.integers(0, len(whole) - 2))
    second = data.draw(st.integers(first + 1, len(whole) - 1))
    swapped = whole.copy()
    swapped[first], swapped[second] = swapped[second], swapped[first]
    with pytest.raises(AccessError) as caught:
        check(swapped, head=whole[-1])
    assert place(caught.value) in (first, first + 1, first + 2)


@quick
@given(data=st.data())
def test_any_line_that_is_put_in_is_found(whole, check, data) -> None:
    where = data.draw(st.integers(0, len(whole)))
    line = data.draw(st.sampled_from([*whole, b"\n", b" \n", b"{}\n", b"text\n"]))
    with pytest.raises(AccessError) as caught:
        check([*whole[:where], line, *whole[where:]], head=whole[-1])
    assert place(caught.value) in (where, where + 1, where + 2)


def forged(line: bytes, **values: object) -> bytes:
    """A line of the right form that says something else."""
    return json.dumps(json.loads(line) | values, separators=(",", ":")).encode() + b"\n"


def test_the_changed_line_is_named_and_not_its_neighbour(whole, check) -> None:
    for index in range(1, 6):
        lines = whole.copy()
        lines[index] = forged(lines[index], status=500)
        with pytest.raises(AccessError, match=f":{index + 1}: changed: line {index + 2} has"):
            check(lines)
        lines[index] = forged(whole[index], previous="0" * 64)
        with pytest.raises(AccessError, match=f":{index + 1}: changed, or line {index} is"):
            check(lines)
        lines[index] = forged(whole[index], sequence=99)
        with pytest.raises(AccessError, match=f":{index + 1}: changed: its sequence is 99"):
            check(lines)


def test_what_is_missing_is_named_by_its_sequences(whole, check) -> None:
    with pytest.raises(AccessError, match=":3: sequences 2 to 4 should stand before it: cut out"):
        check(whole[:2] + whole[5:])
    with pytest.raises(AccessError, match=":3: sequence 2 should stand before it: cut out"):
        check(whole[:2] + whole[3:])


def test_a_line_that_stands_twice_is_named(whole, check) -> None:
    with pytest.raises(AccessError, match=":4: inserted or moved: sequence 2 where 3 should"):
        check([*whole[:3], whole[2], *whole[3:]])


def test_a_cut_beginning_is_named(whole, check) -> None:
    with pytest.raises(AccessError, match=":1: changed or cut out: a log begins with a header"):
        check(whole[1:])


def test_a_new_hash_for_one_line_does_not_hide_its_change(whole, check) -> None:
    """Somebody changes a line and fixes the next one, but not all that follow."""
    lines = whole.copy()
    lines[2] = forged(lines[2], status=500)
    lines[3] = forged(lines[3], previous=hashlib.sha256(lines[2]).hexdigest())
    with pytest.raises(AccessError, match=":4: changed: line 5 has another digest of it"):
        check(lines)


def test_torn_bytes_cannot_be_forged_without_breaking_the_chain(whole, check) -> None:
    lines = whole.copy()
    lines[3] = b"torn\n"
    recovery = {
        "sequence": 3,
        "previous": hashlib.sha256(lines[2]).hexdigest(),
        "kind": "recovery",
        "time": "2026-05-01T12:00:00.000Z",
        "torn_bytes": 5,
        "torn_sha256": hashlib.sha256(b"torn\n").hexdigest(),
        "lost": 0,
    }
    made = json.dumps(recovery, separators=(",", ":")).encode() + b"\n"
    with pytest.raises(AccessError):
        check([*lines[:4], made, *lines[4:]])


def test_the_end_that_was_cut_off_is_seen_with_the_head_alone(whole, check) -> None:
    assert check(whole[:-3]).decisions == DECISIONS - 3
    with pytest.raises(AccessError, match="the expected head is not there: the end was cut off"):
        check(whole[:-3], head=whole[-1])


def test_an_older_head_is_found_in_a_log_that_has_grown(whole, check) -> None:
    found = check(whole, head=whole[3])
    assert (found.expected_sequence, found.sequence) == (3, DECISIONS + 1)


def test_a_last_line_that_is_not_ended_is_not_called_whole(whole, check) -> None:
    for cut in (1, 20):
        with pytest.raises(AccessError, match="cut short or changed") as caught:
            check([*whole[:-1], whole[-1][:-cut]])
        assert place(caught.value) == len(whole)
        assert "start the server once" in caught.value.hint


def test_an_empty_file_is_no_log(check) -> None:
    with pytest.raises(AccessError, match=":1: missing: the file is empty"):
        check([])


def test_a_line_without_end_takes_no_memory_to_refuse(whole, check) -> None:
    with pytest.raises(AccessError, match=":4: changed"):
        check([*whole[:3], b"x" * 5_000_000 + b"\n", *whole[3:]])


@pytest.fixture
def rotated(tmp_path: Path) -> list[Path]:
    file = tmp_path / "audit.jsonl"
    with AuditLog(file) as log:
        for number in range(3):
            for _ in range(3):
                log.append(decision(number))
            file.rename(tmp_path / f"{number}.jsonl")
            log.reopen()
    return [*(tmp_path / f"{number}.jsonl" for number in range(3)), file]


def test_files_in_another_order_or_with_one_missing_are_refused(rotated) -> None:
    assert verify_files(rotated).decisions == 9
    with pytest.raises(AccessError, match=r"2\.jsonl:1: sequences 4 to 7 should stand before it"):
        verify_files([rotated[0], rotated[2], rotated[3]])
    with pytest.raises(AccessError, match=r"0\.jsonl:1: inserted or moved"):
        verify_files([rotated[1], rotated[0]])


def test_the_end_of_an_old_file_that_was_cut_off_is_found_by_the_next(rotated) -> None:
    lines = rotated[0].read_bytes().splitlines(keepends=True)
    rotated[0].write_bytes(b"".join(lines[:-1]))
    with pytest.raises(AccessError, match=r"1\.jsonl:1: sequence 3 should stand before it"):
        verify_files(rotated)


def test_the_last_line_of_an_old_file_is_covered_by_the_next(rotated) -> None:
    lines = rotated[0].read_bytes().splitlines(keepends=True)
    rotated[0].write_bytes(b"".join([*lines[:-1], forged(lines[-1], status=500)]))
    with pytest.raises(AccessError, match=r"1\.jsonl:1: "):
        verify_files(rotated)


def test_another_chain_does_not_follow(rotated, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    AuditLog(other).close()
    with pytest.raises(AccessError, match=r"other\.jsonl:1: the header of another chain"):
        verify_files([rotated[0], other])


def test_a_file_in_one_is_refused(rotated, tmp_path: Path) -> None:
    joined = tmp_path / "joined.jsonl"
    joined.write_bytes(b"".join(path.read_bytes() for path in rotated))
    with pytest.raises(AccessError, match=":5: inserted: a header in the middle"):
        verify_files([joined])
