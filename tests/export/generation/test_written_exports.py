"""The whole line from run to bundle, with runs whose models write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

import burnish
from burnish.bundle import Bundle
from burnish.errors import GateError
from burnish.export import Budgets, export_run
from burnish.export.answers import Answers, ask_at_once
from burnish.export.forms import form_of
from burnish.export.generation import convert_generator, exactness
from burnish.export.generation import quantization as int8
from burnish.export.int8.graph import load_graph
from burnish.gates import Gate
from burnish.generation.layout import DECODER, ENCODER, SHARED
from burnish.run import read_run
from burnish.runtime.session import ModelFaultError
from burnish.steps import Step
from burnish.tasks.written.prediction import Written
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.merging import merge_adapter
from tests.tiny_generation import tiny_generator

MakeRun = Callable[..., Path]
WHY = "agreed for the pilot"
LOOSE = Budgets(metric_loss=100, speedup=0)
FILES = {ENCODER, DECODER, SHARED}


def gate(gates: Any, name: str) -> Gate:
    return next(each for each in gates if each.name == name)


def sources(run: Path) -> list[str]:
    lines = (run.parent / "rows.jsonl").read_text().splitlines()
    return [json.loads(line)["source"] for line in lines]


@pytest.mark.parametrize(("method", "beams"), [("full", 1), ("full", 3), ("lora", 1)])
def test_a_bundle_writes_as_its_run(made: MakeRun, tmp_path: Path, method: str, beams: int) -> None:
    run = made(method, beams=beams, long=True)
    steps: list[Step] = []

    bundle = export_run(run, tmp_path / "b", precision="fp32", watch=steps.append)

    manifest = bundle.manifest
    assert not any(each.blocks for each in manifest.gates)
    for name in ("onnx_equals_torch", "onnx_flips", "served_flips"):
        assert gate(manifest.gates, name).verdict == "passed"
    assert 0 < (gate(manifest.gates, "onnx_equals_torch").value or 0) < 1e-4
    merged = [each for each in manifest.gates if each.name.startswith("merged_")]
    assert [each.passed for each in merged] == ([True, True] if method == "lora" else [])
    for part in ("validation", "test"):
        assert manifest.metrics[part] == pytest.approx(manifest.metrics["run"][part])
        assert manifest.metrics[part]["chrf"] > 0
    wanted = ["read", "answer", "convert", "check", "calibrate", "score", "prove"]
    assert [each.name for each in steps if each.name != "merge"] == wanted
    with burnish.load(bundle.path, threads=1) as model:
        answers = [model.predict_one(source) for source in sources(run)]
    assert len({each.text for each in answers if isinstance(each, Written)}) > 20
    assert max(each.windows for each in answers) > 1


def test_beams_are_searched_when_a_bundle_is_verified(made: MakeRun, tmp_path: Path) -> None:
    greedy, searched = (
        export_run(made(beams=beams, long=True), tmp_path / f"b{beams}", precision="fp32")
        for beams in (1, 3)
    )
    assert [each.manifest.task.model_dump()["beams"] for each in (greedy, searched)] == [1, 3]
    assert greedy.manifest.metrics["validation"] != searched.manifest.metrics["validation"]


def test_a_bundle_has_both_graphs_and_says_so(made: MakeRun, tmp_path: Path) -> None:
    bundle = export_run(made(), tmp_path / "b", precision="fp32")
    manifest = bundle.manifest
    assert set(manifest.files) >= FILES
    assert "model.onnx" not in manifest.files
    assert manifest.inputs == ("input_ids",)
    assert manifest.generation is not None
    assert (manifest.generation.layers, manifest.generation.vocabulary) == (2, 150)
    assert manifest.least_onnxruntime == "1.20"
    assert manifest.probes is not None
    kinds = {each.kind for each in manifest.probes.answers}
    assert kinds <= {"written", "unanswered"}
    assert "written" in kinds
    config = json.loads((bundle.path / "config.json").read_text())
    assert config["model_type"] == "marian"
    assert "id2label" not in config
    parts = json.loads((bundle.path / "sbom.cdx.json").read_text())
    assert {each["name"] for each in parts["components"]} >= FILES
    assert "longer texts in parts" in bundle.card
    assert "chrf" in bundle.card


def test_the_oldest_runtime_is_that_of_both_graphs(made: MakeRun, tmp_path: Path) -> None:
    form = form_of(read_run(made()).record.task)
    convert_generator(tiny_generator("marian"), tmp_path)
    assert form.least_onnxruntime(tmp_path) == "1.20"
    model = load_graph(tmp_path / DECODER)
    model.graph.node.append(
        helper.make_node("MatMulNBits", ["a", "b", "c"], ["d"], domain="com.microsoft")
    )
    onnx.save(model, str(tmp_path / DECODER))
    assert form.least_onnxruntime(tmp_path) == "1.22"


@pytest.mark.parametrize("method", ["full", "lora"])
def test_int8_is_judged_by_its_scores_and_not_by_its_words(
    made: MakeRun, tmp_path: Path, method: str
) -> None:
    lines: list[str] = []
    run = made(method, long=True)
    bundle = export_run(run, tmp_path / "b", precision="int8", budgets=LOOSE, notify=lines.append)
    manifest = bundle.manifest
    assert manifest.precision == "int8"
    agreement = gate(manifest.gates, "int8_agreement")
    assert agreement.verdict == "recorded"
    assert agreement.value is not None
    assert agreement.value < 0.98  # of such weights; no matter
    assert gate(manifest.gates, "int8_metric_loss").threshold == 100
    report = manifest.quantization
    assert report is not None
    assert (report["chosen"], report["rows"], report["search_rows"]) == ("channel", 15, 15)
    (candidate,) = report["candidates"]
    size = sum(manifest.files[name].size_bytes for name in FILES)
    assert candidate["size_bytes"] == size < report["fp32_size_bytes"]
    assert candidate["milliseconds"] > 0
    kinds = {node.op_type for node in load_graph(bundle.path / DECODER).graph.node}
    assert "MatMulInteger" in kinds
    assert gate(manifest.gates, "served_flips").passed
    assert any("x fp32" in line for line in lines)


def test_an_agreement_that_somebody_asks_for_is_judged(made: MakeRun, tmp_path: Path) -> None:
    budgets = Budgets(metric_loss=100, speedup=0, agreement=0.98)
    bundle = export_run(made(long=True), tmp_path / "b", budgets=budgets)
    assert bundle.manifest.precision == "fp32"
    agreement = gate(bundle.manifest.gates, "int8_agreement")
    assert (agreement.threshold, agreement.passed) == (0.98, False)
    assert agreement.verdict == "recorded"  # fp32 is shipped


def test_what_is_too_slow_ships_fp32_and_says_so(made: MakeRun, tmp_path: Path) -> None:
    budgets = Budgets(metric_loss=100, speedup=1000)
    bundle = export_run(made(), tmp_path / "b", budgets=budgets)
    assert bundle.manifest.precision == "fp32"
    report = bundle.manifest.quantization
    assert report is not None
    assert report["chosen"] is None
    assert "within its budgets" in report["reason"]
    assert "fp32 is shipped" in bundle.card
    assert gate(bundle.manifest.gates, "int8_speedup").passed is False
    names = {node.op_type for node in load_graph(bundle.path / ENCODER).graph.node}
    assert "MatMulInteger" not in names


def test_int8_that_loses_is_refused_where_it_is_asked_for(made: MakeRun, tmp_path: Path) -> None:
    budgets = Budgets(speedup=0)
    object.__setattr__(budgets, "metric_loss", -1.0)  # nothing is so much better
    with pytest.raises(GateError, match="int8_metric_loss") as caught:
        export_run(made(), tmp_path / "b", precision="int8", budgets=budgets)
    assert gate(caught.value.gates, "int8_metric_loss").passed is False
    assert not (tmp_path / "b").exists()


def test_int8_whose_numbers_are_not_finite_is_left_out(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ModelFaultError("the model's numbers for this text are not finite")

    monkeypatch.setattr(int8, "ask_at_once", breaks)
    lines: list[str] = []
    bundle = export_run(made(), tmp_path / "b", budgets=LOOSE, notify=lines.append)
    assert bundle.manifest.precision == "fp32"
    assert any("left out, the model's numbers" in line for line in lines)
    with pytest.raises(GateError, match="no int8 graph"):
        export_run(made(), tmp_path / "c", precision="int8", budgets=LOOSE)


def test_nothing_to_quantize_is_said(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("burnish.export.int8.graph._MIN_ELEMENTS", 1 << 30)
    bundle = export_run(made(), tmp_path / "b")
    assert bundle.manifest.quantization is not None
    assert "nothing to quantize" in bundle.manifest.quantization["reason"]


def _shifts_a_weight(graph: Path) -> None:
    """Make one token a little likelier at every step: other words, and all of them finite."""
    model = load_graph(graph / DECODER)
    (bias,) = [each for each in model.graph.initializer if "final_logits_bias" in each.name]
    numbers = numpy_helper.to_array(bias).copy()
    numbers[..., 60] += 30
    bias.CopyFrom(numpy_helper.from_array(numbers, bias.name))
    onnx.save(model, str(graph / DECODER))


def test_graphs_that_are_not_the_model_s_are_noticed(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(model: Any, directory: Path) -> Any:
        layout = convert_generator(model, directory)
        _shifts_a_weight(directory)
        return layout

    monkeypatch.setattr(exactness, "convert_generator", convert)
    with pytest.raises(GateError, match="gate onnx_equals_torch: 30") as caught:
        export_run(made(), tmp_path / "b", precision="fp32")
    assert "at any step of writing the targets of 15 validation rows" in caught.value.message
    with pytest.raises(GateError, match="gate onnx_flips: 15"):
        export_run(made(), tmp_path / "b", precision="fp32", allow={"onnx_equals_torch": WHY})
    assert not (tmp_path / "b").exists()


def test_a_conversion_that_changes_its_model_is_noticed(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(model: Any, directory: Path) -> Any:
        for parameter in model.parameters():
            parameter.data.mul_(1.2)
        return convert_generator(model, directory)

    monkeypatch.setattr(exactness, "convert_generator", convert)
    with pytest.raises(GateError, match="gate onnx_equals_torch"):
        export_run(made(), tmp_path / "b", precision="fp32")


def test_an_adapter_that_merges_wrongly_is_noticed(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def merge(model: Any) -> Any:
        merged = merge_adapter(model)
        merged.get_buffer("final_logits_bias")[..., 60] += 30
        return merged

    monkeypatch.setattr(exactness, "merge_adapter", merge)
    with pytest.raises(GateError, match="gate merged_equals_unmerged: 30"):
        export_run(made("lora"), tmp_path / "b", precision="fp32")
    allowed = {"merged_equals_unmerged": WHY}
    with pytest.raises(GateError, match="gate merged_flips: 15"):
        export_run(made("lora"), tmp_path / "b", precision="fp32", allow=allowed)


def test_a_bundle_that_writes_otherwise_than_its_graphs_is_noticed(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "burnish.export.pipeline.write_materials",
        lambda directory, *_: _shifts_a_weight(directory),
    )
    with pytest.raises(GateError, match="gate served_flips: 15"):
        export_run(made(), tmp_path / "b", precision="fp32")


@pytest.mark.parametrize(("probability", "flips"), [(0.4, 0), (0.9, 1)])
def test_two_tokens_that_are_as_likely_are_a_tie(
    made: MakeRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    probability: float,
    flips: int,
) -> None:
    """Torch and the graphs each write a token of their own from a place on, in one row."""
    run = made(beams=3)  # its answers are others than the greedy ones that are compared

    def torch_writes(*given: Any) -> Any:
        found = predict_logits(*given)
        return [[_written(5, probability)], *found[1:]]

    def graphs_write(session: Any, task: Any, rows: Any, *, threads: int) -> Any:
        found = ask_at_once(session, task, rows, threads=threads)
        if task.beams > 1:
            return found
        logits = [[_written(6, probability + 1e-5)], *found.logits[1:]]
        return Answers(logits, found.predictions)

    monkeypatch.setattr("burnish.export.exactness.predict_logits", torch_writes)
    monkeypatch.setattr(exactness, "ask_at_once", graphs_write)
    allow = {"onnx_flips": WHY}
    bundle = export_run(run, tmp_path / "b", precision="fp32", allow=allow)
    found = gate(bundle.manifest.gates, "onnx_flips")
    assert found.value == flips
    assert ("1 more changes where two tokens are as likely" in found.detail) == (not flips)


def _written(token: int, probability: float) -> Any:
    ids = np.array([50, token, token + 2, 2], np.float32)
    return np.stack([ids, np.log(np.full(4, probability, np.float32))], axis=1)


def test_of_many_rows_torch_writes_some(
    made: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exactness, "COMPARED_ROWS", 4)
    lines: list[str] = []
    bundle = export_run(made(), tmp_path / "b", precision="fp32", notify=lines.append)
    assert "torch: answering 4 of 15 validation rows" in lines
    for name in ("onnx_equals_torch", "onnx_flips"):
        assert "4 of 15 validation rows" in gate(bundle.manifest.gates, name).detail
    assert "| validation | 15 |" in bundle.card  # all of them are answered by the graphs


def test_bundles_in_both_precisions_are_compared_and_scored(made: MakeRun, tmp_path: Path) -> None:
    run = made(long=True)
    rows = run.parent / "rows.jsonl"
    for precision in ("fp32", "int8"):
        place = tmp_path / precision
        bundle = export_run(run, place, precision=precision, budgets=LOOSE)
        assert bundle.manifest.precision == precision
    found = burnish.compare([run, tmp_path / "fp32", tmp_path / "int8"], rows)
    scores = [each.metrics["chrf"].value for each in found.standings]
    assert scores[1] == pytest.approx(scores[0])
    assert scores[2] != scores[1]
    assert scores[2] == pytest.approx(scores[1], abs=0.02)


def test_a_second_export_replaces_the_first_whole(made: MakeRun, tmp_path: Path) -> None:
    first = export_run(made(), tmp_path / "b", precision="fp32")
    before = first.manifest.files[DECODER]
    again = export_run(made(), tmp_path / "b", precision="int8", budgets=LOOSE, replace=True)
    assert isinstance(again, Bundle)
    assert again.manifest.files[DECODER] != before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b"]
