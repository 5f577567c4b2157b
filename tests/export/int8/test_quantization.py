from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from burnish.errors import GateError
from burnish.export import Budgets, exactness, export_run
from burnish.export.int8 import graph
from burnish.export.int8.activation_ranges import channel_maxima
from burnish.gates import CHECKS
from burnish.torch_models.logits import predict_logits


@pytest.fixture
def _no_matrix_counts(monkeypatch, _small_matrices_count):
    monkeypatch.setattr(graph, "_MIN_ELEMENTS", 1 << 30)


@pytest.mark.usefixtures("_no_matrix_counts")
def test_a_model_without_large_matrices_ships_fp32_and_says_why(make_run, tmp_path):
    lines: list[str] = []
    bundle = export_run(make_run(), tmp_path / "b", notify=lines.append)
    assert bundle.manifest.precision == "fp32"
    assert bundle.manifest.quantization is not None
    assert bundle.manifest.quantization["chosen"] is None
    assert bundle.manifest.quantization["reason"].startswith("nothing to quantize")
    assert any(line.startswith("int8: nothing to quantize") for line in lines)
    assert "fp32 is shipped: nothing to quantize" in bundle.card
    assert channel_maxima(bundle.model_path, []) == {}


@pytest.mark.usefixtures("_no_matrix_counts")
def test_int8_of_a_model_without_large_matrices_is_refused(make_run, tmp_path):
    with pytest.raises(GateError, match="nothing to quantize") as caught:
        export_run(make_run(), tmp_path / "b", precision="int8")
    assert "--precision auto" in caught.value.hint
    exported = {g.name for g in caught.value.gates if CHECKS[g.name].stage == "export"}
    assert exported == {"onnx_equals_torch", "onnx_flips"}


def test_candidates_that_fail_on_all_rows_are_followed_by_mixed_ones(
    make_run, tmp_path, monkeypatch
):
    """The sample agrees with anything; all rows agree with nothing."""
    from burnish.export import gates
    from burnish.export.int8 import search

    real = gates.int8_gates

    def judge(comparison, timing, **options):
        found = real(comparison, timing, **options)
        if comparison.rows <= 5:
            return found
        return [
            gate.model_copy(update={"passed": False, "threshold": 0.98})
            if gate.name == "int8_agreement"
            else gate
            for gate in found
        ]

    monkeypatch.setattr(search, "int8_gates", judge)
    budgets = Budgets(metric_loss=100, agreement=0, speedup=0, search_rows=5)
    bundle = export_run(make_run(), tmp_path / "b", budgets=budgets)
    report = bundle.manifest.quantization
    assert report is not None
    assert bundle.manifest.precision == "fp32"
    assert len(report["candidates"]) == 4 + 6
    assert {each["rows"] for each in report["candidates"]} == {15}
    assert not any(each["passed"] for each in report["candidates"])


def test_torch_answers_with_the_threads_of_the_training(make_run, tmp_path, monkeypatch):
    seen = []

    def watched(*args, **options):
        seen.append(torch.get_num_threads())
        return predict_logits(*args, **options)

    monkeypatch.setattr(exactness, "predict_logits", watched)
    monkeypatch.setattr(exactness, "usable_cpus", lambda: 8)
    torch.set_num_threads(3)
    try:
        export_run(make_run(method="lora"), tmp_path / "b", precision="fp32")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(1)
    assert seen == [1, 1]


def test_torch_takes_no_more_threads_than_there_are_processors(monkeypatch):
    run: Any = SimpleNamespace(record=SimpleNamespace(training=SimpleNamespace(threads=64)))
    monkeypatch.setattr(exactness, "usable_cpus", lambda: 2)
    with exactness._threads(run):
        assert torch.get_num_threads() == 2
    assert torch.get_num_threads() == 1
