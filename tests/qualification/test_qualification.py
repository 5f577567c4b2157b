from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from burnish.service.api.tasks.classification import ClassifyRequest
from qualification.conformance_hooks import fits
from qualification.earlier import OtherRunError, merged, read_findings
from qualification.load import ideal_latencies_s
from qualification.report import Report
from qualification.rows import Finding, Measurement, Row
from qualification.table import all_rows

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
    "hostile-bases",
)


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> dict[str, Any]:
    """The rows that time does not decide and that are soon done, each in its small size."""
    folder = tmp_path_factory.mktemp("qualify")
    only = [part for name in SHORT for part in ("--only", name)]
    command = [sys.executable, "-m", "qualification", "--quick", "--no-controls", *only]
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
    rows = {row["name"]: row for row in document["rows"]}
    assert set(rows) == set(SHORT)
    missed = {n: row["measured"] for n, row in rows.items() if row["verdict"] != "holds"}
    assert missed == {}


def test_every_guard_is_still_there_to_be_taken_away():
    command = [sys.executable, "-m", "qualification.weakened", "--check"]
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
    finding = Finding(ROW, measured, control, "2026-01-01T10:00:00+00:00", machine)
    assert finding.verdict == verdict
    report = Report((finding,), quick=False)
    assert report.holds == (verdict == "holds")
    assert verdict in report.page()
    assert r"a \| b" in report.page()


def test_a_row_measured_again_replaces_itself_alone(machine, tmp_path):
    other = replace(ROW, name="y", bar="<= 2")
    file = tmp_path / "qualification.json"
    date = "2026-01-01T10:00:00+00:00"
    old = tuple(Finding(row, BAD, BAD, date, machine) for row in (ROW, other))
    Report(old, quick=False).write(file)
    table = [replace(ROW, bar="<= 3"), other]
    before = read_findings(file, table, quick=False)
    assert before == list(old)
    another = replace(machine, processor="another")
    now = [Finding(other, GOOD, BAD, "2026-01-02T11:30:00+00:00", another)]
    found = merged(table, before, now)
    assert [f.verdict for f in found] == ["falls short", "holds"]
    report = Report(tuple(found), quick=False)
    report.write(file)
    assert read_findings(file, table, quick=False) == found
    page = file.with_suffix(".md").read_text()
    assert "2026-01-01 10:00, 1 |" in page
    assert "2026-01-02 11:30, 2 |" in page
    assert "\n1. " + machine.processor in page
    assert "\n2. another: " in page


def test_other_sizes_do_not_mix(tmp_path):
    file = tmp_path / "qualification.json"
    Report((), quick=True).write(file)
    with pytest.raises(OtherRunError, match="quick"):
        read_findings(file, [ROW], quick=False)
    with pytest.raises(OtherRunError, match="no qualification"):
        read_findings(tmp_path / "none.json", [ROW], quick=True)


@pytest.fixture
def machine():
    from burnish.bench import describe_machine

    return describe_machine()


def test_an_ideal_server_waits_only_for_a_free_processor():
    arrivals = [0.0, 0.0, 0.0, 10.0]
    assert ideal_latencies_s(arrivals, per_s=2, processors=2) == [1.0, 1.0, 2.0, 1.0]


def test_at_poisson_times_the_tail_of_an_ideal_server_is_long():
    """What docs/lab/qualification.md holds the service against: 3.5 x at 70 % of two processors."""
    draw = random.Random(13)
    arrivals = list(itertools.accumulate(draw.expovariate(0.7) for _ in range(200_000)))
    found = ideal_latencies_s(arrivals, per_s=1, processors=2)
    assert np.percentile(found, 99) / np.percentile(found, 50) == pytest.approx(3.5, abs=0.15)


@pytest.mark.parametrize(
    ("body", "right"),
    [
        ('{"inputs": "ก"}', True),  # a letter, though not a Latin one
        ('{"inputs": "\\u2003\\u0301"}', False),  # a space and a mark: nothing to read
        ('{"inputs": ""}', False),
        ('{"inputs": "x", "more": 1}', False),
        ("{", False),
        ('{"inputs": "\\ud800"}', False),  # a lone surrogate
        ("[" * 100_000, False),
    ],
)
def test_a_claim_is_refuted_by_the_description_alone(body, right):
    schema = ClassifyRequest.model_json_schema()
    media = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    spec = {"components": {}, "paths": {"/x": {"post": media}}}
    assert fits(body, spec, "/x", "POST") == right
