from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.qualify.earlier import OtherRunError, merged, read_findings
from tests.qualify.report import Report
from tests.qualify.rows import Finding, Measurement, Row
from tests.qualify.table import all_rows

ROOT = Path(__file__).parents[2]
BROKE = "broke: "
SHORT = (
    "oversize",
    "offsets",
    "poison",
    "mutations",
    "hostile-models",
    "stop-load",
    "kill",
    "canaries",
    "kill-training",
)


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> dict[str, Any]:
    """The rows that time does not decide and that are soon done, each in its small size."""
    folder = tmp_path_factory.mktemp("qualify")
    only = [part for name in SHORT for part in ("--only", name)]
    command = [sys.executable, "-m", "tests.qualify", "--quick", "--no-controls", *only]
    done = subprocess.run(
        [*command, "--out", str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr[-3000:]
    content: dict[str, Any] = json.loads((folder / "qualification.json").read_text())
    assert (folder / "qualification.md").read_text().startswith("# Qualification")
    return content


def test_no_row_breaks(document):
    figures = {row["name"]: row["measured"]["figure"] for row in document["rows"]}
    assert {name: f for name, f in figures.items() if f.startswith(BROKE)} == {}


def test_rows_that_do_not_depend_on_time_hold(document):
    verdicts = {row["name"]: row["verdict"] for row in document["rows"]}
    assert set(verdicts) == set(SHORT)
    assert [name for name, verdict in verdicts.items() if verdict != "holds"] == []


def test_every_guard_is_still_there_to_be_taken_away():
    command = [sys.executable, "-m", "tests.qualify.weakened", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    known = {*done.stdout.split(), "calls-home"}
    assert {guard for row in all_rows() for guard in row.guards} <= known


def test_every_row_has_a_control_and_a_name_of_its_own():
    rows = all_rows()
    assert all(row.guards for row in rows)
    assert len({row.name for row in rows}) == len(rows)


GOOD, BAD = Measurement("1", passed=True), Measurement("2", passed=False)
ROW = Row(name="x", test="a | b", anchor="n", bar="<= 1", measure=lambda _: GOOD, guards=("g",))


@pytest.mark.parametrize(
    ("measured", "control", "verdict"),
    [
        (GOOD, BAD, "holds"),
        (GOOD, None, "holds"),
        (GOOD, GOOD, "not proven"),
        (BAD, BAD, "falls short"),
        (BAD, GOOD, "falls short"),
    ],
)
def test_a_control_that_passes_leaves_a_row_unproven(machine, measured, control, verdict):
    finding = Finding(ROW, measured, control, 60.0, "2026-01-01T10:00:00+00:00")
    assert finding.verdict == verdict
    report = Report((finding,), machine, "2026-01-01", 60.0, quick=False)
    assert report.holds == (verdict == "holds")
    assert verdict in report.page()
    assert r"a \| b" in report.page()
    assert math.isclose(report.to_json()["seconds"], 60.0)


def test_a_row_measured_again_replaces_itself_alone(machine, tmp_path):
    other = replace(ROW, name="y", bar="<= 2")
    file = tmp_path / "qualification.json"
    old = tuple(Finding(row, BAD, BAD, 1.0, "2026-01-01T10:00:00+00:00") for row in (ROW, other))
    Report(old, machine, "2026-01-01", 60.0, quick=False).write(file, tmp_path / "page.md")
    table = [replace(ROW, bar="<= 3"), other]
    before = read_findings(file, table, machine=machine, quick=False)
    assert before == list(old)
    now = [Finding(other, GOOD, BAD, 1.0, "2026-01-02T11:30:00+00:00")]
    found = merged(table, before, now)
    assert [f.verdict for f in found] == ["falls short", "holds"]
    page = Report(tuple(found), machine, "2026-01-02", 60.0, quick=False).page()
    assert "2026-01-01 10:00 |" in page
    assert "2026-01-02 11:30 |" in page


def test_other_sizes_or_machines_do_not_mix(machine, tmp_path):
    file = tmp_path / "qualification.json"
    Report((), machine, "2026-01-01", 60.0, quick=True).write(file, tmp_path / "page.md")
    for where, quick in [(machine, False), (replace(machine, processor="another"), True)]:
        with pytest.raises(OtherRunError):
            read_findings(file, [ROW], machine=where, quick=quick)
    with pytest.raises(OtherRunError, match="no qualification"):
        read_findings(tmp_path / "none.json", [ROW], machine=machine, quick=True)


@pytest.fixture
def machine():
    from burnish.bench import describe_machine

    return describe_machine()
