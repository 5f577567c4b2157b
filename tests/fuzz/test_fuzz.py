"""A few hundred mutated files on every run; ``python -m tests.fuzz`` tries thousands."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.campaign import fuzz


def test_no_file_makes_a_command_fail_in_itself(tmp_path: Path) -> None:
    found = [
        f"{path.name}: {fault}"
        for path, faults in fuzz(tmp_path, files=200, seed=11)
        for fault in faults
    ]
    assert found == []
