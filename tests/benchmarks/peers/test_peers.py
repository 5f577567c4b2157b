"""The comparison with the peers, where no environment of theirs is needed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks.peers.comparison import compare
from benchmarks.peers.environments import REQUIREMENTS, Environment, ready_environment
from benchmarks.peers.figures import cell_figures, scores_alone
from benchmarks.peers.load import Round
from benchmarks.peers.model import peer_model
from benchmarks.peers.plan import CALLERS, WORKLOADS, tiny
from benchmarks.peers.report import BEGIN, END, document_with, write_results
from benchmarks.peers.results import Results
from benchmarks.peers.subjects import SUBJECTS
from benchmarks.plan import PRECISIONS
from tests.tiny import tiny_base

ROOT = Path(__file__).parents[3]
OURS = [f"burnish {precision}" for precision in PRECISIONS]
PADDED = [f"TEI's way {precision}" for precision in PRECISIONS]
LONGEST, WINDOW = 48, 64


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    """burnish and the one peer that needs nothing else, with another that is not installed."""
    directory = tmp_path_factory.mktemp("peers")
    base = tiny_base(directory / "base")
    model = peer_model(directory / "model", base=str(base), window=WINDOW, longest=LONGEST)
    here = Path(sys.executable)
    environments = {
        "padded": Environment("padded", here),
        "mosec": Environment("mosec", here, "no matching distribution"),
    }
    chosen = [one for one in SUBJECTS if one.environment in (None, *environments)]
    return compare(model, tiny(), directory, print, environments=environments, subjects=chosen)


def test_every_server_answers_as_burnish_of_its_precision(results):
    assert [row.subject for row in results.agreements] == [*OURS, *PADDED]
    assert all(row.same_labels == row.texts == 20 for row in results.agreements)
    assert not any(row.void for row in results.agreements)


def test_a_peer_that_is_not_installed_is_reported_with_the_reason(results):
    states = {start.subject: start.state for start in results.starts}
    assert states["mosec fp32"] == "not installed: no matching distribution"
    assert {states[name] for name in (*OURS, *PADDED)} == {"measured"}


def test_every_load_has_every_figure(results):
    found = {(f.workload, f.callers, f.subject) for f in results.figures}
    assert found == {(w, c, s) for w in WORKLOADS for c in CALLERS for s in (*OURS, *PADDED)}
    for figure in results.figures:
        assert figure.failed == 0
        assert figure.answered == tiny().texts[figure.workload, figure.callers]
        assert figure.cpu_ms > 0
        assert 0 < figure.p50_ms <= figure.p99_ms
        if figure.subject in OURS:
            assert figure.cpu_to_burnish == figure.rate_to_burnish == 1
            assert figure.changed_scores == 0


def test_the_schedulers_are_compared_for_every_load(results):
    assert [(row.precision, row.workload) for row in results.schedulers] == [
        (precision, workload) for precision in PRECISIONS for workload in WORKLOADS
    ]
    for row in results.schedulers:
        assert set(row.cpu_ms) == {"one by one", "padded 8", "padded 32", "burnish"}
        assert all(value > 0 for value in row.cpu_ms.values())


def test_a_fault_of_one_caller_fails_others_in_a_padded_batch_and_not_in_burnish(results):
    rows = {row.subject: row for row in results.faults}
    ours, padded = rows["burnish fp32"], rows["TEI's way fp32"]
    assert (ours.poison_status, ours.neighbours_failed, ours.deep_status) == (400, 0, 400)
    assert ours.big_status == 413
    assert ours.list_with_empty != "200, a label for it"
    assert padded.poison_status == 500
    assert ours.alive_after
    assert padded.alive_after


def test_the_report_is_written_and_the_document_keeps_what_stands_around(results, tmp_path):
    text, document = write_results(results, tmp_path)
    assert "these times mean nothing" in text.read_text(encoding="utf-8")
    assert json.loads(document.read_text(encoding="utf-8"))["plan"] == "tiny"
    written = document_with(results, f"before\n\n{BEGIN}\nold\n{END}\nafter\n")
    assert written.startswith("before\n\n")
    assert written.endswith(f"{END}\nafter\n")
    assert "\nold\n" not in written
    for title in results.tables():
        assert f"### {title}\n" in written
    with pytest.raises(ValueError, match="lacks a line"):
        document_with(results, "no marks")


def test_the_published_document_has_the_marks(results):
    published = (ROOT / "docs" / "lab" / "peers.md").read_text(encoding="utf-8")
    assert document_with(results, published).count(BEGIN) == 1


def test_a_changed_answer_is_counted():
    alone = {"text": {"a": 0.6, "b": 0.4}}
    turns = [
        _turn([("text", {"a": 0.6, "b": 0.4})]),
        _turn([("text", {"a": 0.55, "b": 0.45})]),
        _turn([("text", {"a": 0.4, "b": 0.6})]),
    ]
    rounds = {"burnish fp32": turns}
    assert scores_alone(rounds) == {"burnish fp32": alone}
    (figure,) = cell_figures(rounds, workload="short", callers=1, alone={"burnish fp32": alone})
    assert figure.changed_labels == pytest.approx(1 / 3)
    assert figure.changed_scores == pytest.approx(2 / 3)


def test_an_environment_that_is_not_built_is_left_out_on_demand(tmp_path):
    found = ready_environment("mosec", tmp_path, lambda _: None, build=False)
    assert found.failure is not None
    assert "not built" in found.failure
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted({s.environment for s in SUBJECTS if s.environment}))
def test_every_peer_pins_every_version(name):
    lines = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert pins
    assert all("==" in line and "@" not in line and "+" not in line for line in pins)


def _turn(scores: list[tuple[str, dict[str, float]]]) -> Round:
    return Round(failed=0, wall_s=1.0, cpu_s=0.5, latencies_s=[0.1] * len(scores), scores=scores)
