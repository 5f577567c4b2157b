from __future__ import annotations

import json
import math
import re
import threading
import time
from pathlib import Path

import pytest

from burnish.bench import BenchReport, bench_bundle, describe_machine
from burnish.bench.loading import measure_loading
from burnish.bench.measure import directory_bytes
from burnish.bench.timing import Latency, calls_per_second, time_calls
from burnish.errors import BundleError, UsageError
from tests.tiny_onnx import tiny_bundle

LENGTHS = (16, 32, 64)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    return tiny_bundle(tmp_path_factory.mktemp("bench") / "b", "extraction", name="notices")


@pytest.fixture(scope="module")
def notes() -> list[str]:
    return []


@pytest.fixture(scope="module")
def report(bundle, notes) -> BenchReport:
    return bench_bundle(bundle, lengths=LENGTHS, seconds=0.01, notify=notes.append)


def test_a_report_has_a_row_a_length(report):
    assert [(f.tokens, f.windows) for f in report.lengths] == [(16, 1), (32, 1), (64, 3)]
    for figures in report.lengths:
        latency = figures.latency
        assert 0 < latency.p50_ms <= latency.p95_ms <= latency.p99_ms
        assert latency.samples >= 10
        assert set(figures.texts_per_s) == {1, 4, 16}
        assert all(math.isfinite(rate) and rate > 0 for rate in figures.texts_per_s.values())


def test_a_report_says_what_was_measured(report, bundle):
    assert (report.name, report.task, report.precision) == ("notices", "extraction", "fp32")
    assert report.size_bytes == sum(file.stat().st_size for file in bundle.iterdir())
    assert report.loading.load_s > 0
    assert report.loading.import_s > 0
    assert report.machine.versions["onnxruntime"]


def test_the_peak_is_that_of_a_fresh_process(bundle):
    """Not of its parent: what this process holds beside must not be counted."""
    ballast = bytearray(b"x") * 300_000_000
    peak = measure_loading(bundle, (16,), processes=1).peak_bytes
    assert len(ballast) == 300_000_000
    assert 10_000_000 < peak < 300_000_000


def test_the_document_is_plain_json_with_every_figure(report):
    document = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert document["bundle"] == "notices"
    assert set(document["lengths"][0]) == {
        "tokens", "windows", "p50_ms", "p95_ms", "p99_ms", "samples", "texts_per_s",
    }  # fmt: skip
    assert document["machine"]["usable_cpus"] >= 1
    assert document["peak_bytes"] == report.loading.peak_bytes


def test_the_table_has_a_full_row_a_length(report):
    above, table = report.table().split("\n\n")
    header, *rows = table.splitlines()
    assert "notices: extraction, fp32, windows of 32" in above
    assert [row.split()[0] for row in rows] == ["16", "32", "64"]
    assert all(len(row.split()) == len(re.split(r" {2,}", header.strip())) for row in rows)


def test_progress_is_told(report, notes):
    assert notes[-3:] == ["16 tokens", "32 tokens", "64 tokens"]


@pytest.mark.parametrize("wrong", [{"lengths": ()}, {"seconds": 0.0}, {"lengths": (2,)}])
def test_impossible_wishes_are_usage_errors(bundle, wrong):
    with pytest.raises(UsageError):
        bench_bundle(bundle, **wrong)


def test_a_damaged_bundle_is_refused(tmp_path):
    path = tiny_bundle(tmp_path / "b")
    (path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(BundleError, match=r"model\.onnx"):
        bench_bundle(path)


def test_percentiles_are_of_the_durations_in_milliseconds():
    latency = Latency.of([n / 1000 for n in range(1, 102)])
    assert (latency.p50_ms, latency.p95_ms, latency.p99_ms) == pytest.approx((51, 96, 100))
    assert latency.samples == 101


def test_calls_are_warmed_up_and_repeated_over_all_inputs():
    given: list[str] = []
    latency = time_calls(given.append, ["a", "b", "c"], seconds=0.0, least=7)
    assert latency.samples == 7
    assert given[4:] == ["a", "b", "c", "a", "b", "c", "a"]


def test_callers_call_at_the_same_time():
    together, most = threading.Semaphore(0), []

    def call(_: str) -> None:
        together.release()
        most.append(together._value)
        time.sleep(0.02)
        together.acquire()

    assert calls_per_second([call] * 3, ["a"], seconds=0.05) > 0
    assert max(most) == 3


def test_a_failing_caller_fails_the_measurement():
    def call(_: str) -> None:
        raise RuntimeError("no answer")

    with pytest.raises(RuntimeError, match="no answer"):
        calls_per_second([call], ["a"], seconds=0.01)


def test_the_machine_names_further_packages_where_they_are_installed():
    versions = describe_machine("pytest", "no-such-package").versions
    assert "pytest" in versions
    assert "no-such-package" not in versions


def test_a_models_size_is_that_of_all_its_files(tmp_path: Path) -> None:
    """A run's encoder lies in a folder of its own."""
    (tmp_path / "encoder" / "1_Pooling").mkdir(parents=True)
    for name, size in {"head": 3, "encoder/weights": 50, "encoder/1_Pooling/config": 700}.items():
        (tmp_path / name).write_bytes(b"x" * size)
    assert directory_bytes(tmp_path) == 753
