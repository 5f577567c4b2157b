"""Seeded faults: each of 39 ways to spoil rows is found by file and line, and no other row."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from burnish.data import Columns
from burnish.data.checking import check_files
from burnish.data.checks.finding import KINDS
from tests.core.data.planting import clean_rows, plant, write_files
from tests.core.data.seeded_faults import FAULTS

SEEDS = range(6)


@cache
def _clean(task: str):
    return clean_rows(task)


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_by_file_and_line(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    for seed in SEEDS:
        planted = plant(fault, _clean(fault.task), seed)
        files = write_files(planted, tmp_path)
        report = check_files(fault.task, Columns(group=fault.group), files=files).report
        found = [row for f in report.findings if f.kind == fault.kind for row in f.rows]
        path = str(files[planted.part])
        assert {(row.file, row.line) for row in found} == {(path, n) for n in planted.lines}, seed


def test_there_are_two_hundred_files_of_twenty_kinds() -> None:
    kinds = {fault.kind for fault in FAULTS.values()}
    assert kinds <= set(KINDS)
    assert len(kinds) >= 20
    assert len(FAULTS) * len(SEEDS) >= 200
