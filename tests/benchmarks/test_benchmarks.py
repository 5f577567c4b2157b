from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.plan import CALLERS, PRECISIONS, TASKS, quick

ROOT = Path(__file__).parents[2]
TITLES = ("Bundles", "Latency", "Cost of serving", "Engines", "Batches")
CELLS = [(t, p, n) for t in TASKS for p in PRECISIONS for n in quick().tokens]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--out", str(folder)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def document(printed: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return content


def numbers(value: Any, key: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from numbers(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner, key)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, value


def test_every_task_precision_and_length_is_measured(document):
    found = [
        (c["task"], c["precision"], c["tokens"]) for b in document["bundles"] for c in b["cells"]
    ]
    assert found == CELLS
    assert [(r["task"], r["tokens"]) for r in document["engines"]] == [
        (task, tokens) for task in TASKS for tokens in quick().tokens
    ]
    assert [(r["task"], r["precision"]) for r in document["batches"]] == [
        (task, precision) for task in TASKS for precision in PRECISIONS
    ]


def test_every_cell_has_every_figure(document):
    for bundle in document["bundles"]:
        assert bundle["size_bytes"] > 0
        assert bundle["ready_s"] > 0
        assert bundle["server_bytes"] > 1_000_000
        assert bundle["loading"]["peak_bytes"] > 1_000_000
        for cell in bundle["cells"]:
            assert set(cell["requests_per_s"]) == {str(count) for count in CALLERS}
            for side in ("runtime", "http"):
                latency = cell[side]
                assert 0 < latency["p50_ms"] <= latency["p95_ms"] <= latency["p99_ms"]
                assert latency["samples"] >= 3


def test_every_number_is_finite_and_every_ratio_positive(document):
    found = list(numbers(document))
    assert len(found) > 20 * len(CELLS)
    assert all(math.isfinite(number) for _, number in found)
    ratios = [number for key, number in found if ".ratios." in key]
    assert len(ratios) == 2 * len(CELLS) + 3 * len(document["engines"]) + 2 * len(TASKS) * 2
    assert all(ratio > 0 for ratio in ratios)


def test_the_tables_have_no_empty_cell(printed):
    parts = printed.split("\n\n")
    for title in TITLES:
        index = next(i for i, part in enumerate(parts) if part.startswith(title))
        header, *rows = parts[index + 1].splitlines()
        columns = [column for column in header.split("  ") if column]
        assert rows
        assert all(len(row.split()) == len(columns) for row in rows)


def test_the_header_names_machine_and_versions(printed, document):
    assert "onnxruntime" in printed.split("\n\n")[0]
    machine = document["machine"]
    assert machine["usable_cpus"] >= 1
    assert {"burnish", "Python", "onnxruntime", "torch", "bentoml"} <= set(machine["versions"])


def test_what_is_printed_is_written(printed, document, folder):
    text = (folder / "bench.txt").read_text(encoding="utf-8")
    assert text.strip()
    assert printed.startswith(text)
    assert json.loads((folder / "bench.json").read_text(encoding="utf-8")) == document
