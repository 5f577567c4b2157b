"""The whole line from run to bundle, with tiny runs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from transformers import AutoConfig

import burnish
from burnish.errors import DataError, GateError, RunError, UsageError
from burnish.export import Budgets, export_run
from burnish.export.convert import convert as real_convert
from burnish.export.int8.graph import load_graph, weight_matmuls
from burnish.export.rows import restore_rows
from burnish.gates import CHECKS
from burnish.run import read_run
from burnish.steps import Step
from burnish.tasks import Classification
from burnish.tasks.table import TASKS
from burnish.torch_models.merging import merge_adapter

WHY = "agreed for the pilot"
"""A reason to let a gate fail."""
LOOSE = Budgets(metric_loss=100, agreement=0, speedup=0)


def report_of(bundle) -> dict[str, Any]:
    assert bundle.manifest.quantization is not None
    return dict(bundle.manifest.quantization)


def gate(bundle, name):
    return next(gate for gate in bundle.manifest.gates if gate.name == name)


def inputs_of(run, part="validation"):
    rows = (run.path.parent / "rows.jsonl").read_text().splitlines()
    numbers = [int(i.rpartition(":")[2]) - 1 for i in run.record.data.parts[part].ids]
    return [json.loads(rows[number]) for number in numbers]


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("task", TASKS)
def test_a_bundle_answers_as_its_run(make_run, tmp_path, task, method):
    run = make_run(task, method)
    bundle = export_run(run, tmp_path / "bundle", precision="fp32")
    names = {g.name for g in bundle.manifest.gates}
    assert {"onnx_equals_torch", "onnx_flips", "served_flips"} <= names
    assert ("merged_equals_unmerged" in names) == (method == "lora")
    assert not any(g.blocks for g in bundle.manifest.gates)
    assert 0 < gate(bundle, "onnx_equals_torch").value < 1e-4
    assert bundle.manifest.quantization is None
    metrics = bundle.manifest.metrics
    for part in ("validation", "test"):
        assert metrics[part] == pytest.approx(metrics["run"][part], rel=1e-4)
    read = read_run(run)
    given = read.record.task.example_input(restore_rows(read).validation[0])
    with burnish.load(bundle.path, threads=1) as model:
        assert model.predict_one(given).tokens > 0


@pytest.mark.parametrize(
    ("method", "precision"),
    [("full", "fp32"), ("full", "int8"), ("lora", "fp32"), ("adapters", "fp32")],
)
def test_texts_that_are_read_apart_are_read_so_in_a_bundle(make_run, tmp_path, method, precision):
    run = make_run("pairs", method, declared="mean")
    bundle = export_run(run, tmp_path / "b", precision=precision, budgets=LOOSE)
    assert bundle.manifest.task.reads_apart
    assert not any(g.blocks for g in bundle.manifest.gates)
    if precision == "fp32":
        assert gate(bundle, "onnx_equals_torch").value < 1e-4
        for part in ("validation", "test"):
            run_scores = bundle.manifest.metrics["run"][part]
            assert bundle.manifest.metrics[part] == pytest.approx(run_scores, rel=1e-4)
        large = [t.raw_data for t in load_graph(bundle.path / "model.onnx").graph.initializer]
        large = [data for data in large if len(data) > 1000]
        assert len(large) == len(set(large))  # the encoder runs twice, and is there once
    session = onnxruntime.InferenceSession(bundle.path / "model.onnx")
    names = [each.name for each in session.get_inputs()]
    assert names == ["input_ids", "attention_mask", "token_type_ids"]
    # Padding, and a longer pair beside it, change nothing.
    pair = [[2, 7, 8, 3, 2, 9, 3]], [[1] * 7], [[0] * 4 + [1] * 3]
    longer = [[2, 7, 7, 7, 7, 7, 7, 3, 2, 3]], [[1] * 10], [[0] * 8 + [1] * 2]
    beside = [
        np.vstack([np.pad(a, ((0, 0), (0, 3))), b]) for a, b in zip(pair, longer, strict=True)
    ]
    (alone,), (both,) = (
        session.run(None, {n: np.array(a) for n, a in zip(names, given, strict=True)})
        for given in (pair, beside)
    )
    assert both.shape == (2, 2)
    if precision == "fp32":  # int8 scales the activations of a batch together
        assert both[0] == pytest.approx(alone[0], abs=1e-4)


@pytest.mark.parametrize("pooling", ["native", "mean"])
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_onnx_runtime_alone_classifies_as_the_bundle_does(make_run, tmp_path, pooling, precision):
    run = make_run(pooling=pooling, declared="mean")
    bundle = export_run(run, tmp_path / "b", precision=precision, budgets=LOOSE)
    names = AutoConfig.from_pretrained(bundle.path).id2label
    assert names == {0: "money", 1: "parcel"}
    texts = [row["text"] for row in inputs_of(read_run(run))[:2]]
    with burnish.load(bundle.path, threads=1) as served:
        for text in texts:
            (logits,) = _ask(bundle, text)
            answer = served.predict_one(text)
            assert isinstance(answer, Classification)
            if answer.windows == 1:
                assert answer.labels == (names[int(logits[0].argmax())],)


def test_the_config_of_a_tagger_names_its_tags(make_run, tmp_path):
    bundle = export_run(make_run("extraction"), tmp_path / "b", precision="fp32")
    names = AutoConfig.from_pretrained(bundle.path).id2label
    assert [names[i] for i in range(5)] == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    (logits,) = _ask(bundle, "anna lives in paris")
    assert logits.shape[2] == 5


def test_a_reader_gives_a_start_and_an_end(make_run, tmp_path):
    bundle = export_run(make_run("qa"), tmp_path / "b", precision="fp32")
    start, end = _ask(bundle, "where is anna")
    assert start.shape == end.shape


def _ask(bundle, text, *, copies=1):
    """The graph's outputs, without burnish's runtime."""
    task = bundle.manifest.task
    encoding = task.text_encoder(bundle.tokenizer_path).encode(text).windows[0]
    ids = np.stack([encoding.input_ids] * copies)
    given = {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "token_type_ids": np.zeros_like(ids),
    }
    session = onnxruntime.InferenceSession(bundle.path / "model.onnx")
    return session.run(None, given)


def test_the_graph_takes_any_batch_and_length(make_run, tmp_path):
    bundle = export_run(make_run(), tmp_path / "b", precision="fp32")
    (alone,) = _ask(bundle, "my card is late")
    (five,) = _ask(bundle, "my card is late", copies=5)
    assert five.shape == (5, 2)
    assert float(np.abs(five - alone).max()) < 1e-5


@pytest.mark.parametrize(
    "family", ["roberta", "distilbert", "electra", "deberta-v2", "xlm-roberta", "mpnet"]
)
def test_families_export_exactly(make_run, tmp_path, family):
    bundle = export_run(make_run("extraction", family=family), tmp_path / "b", precision="fp32")
    assert gate(bundle, "onnx_equals_torch").value < 1e-4


def test_int8_is_searched_judged_and_recorded(make_run, tmp_path):
    lines: list[str] = []
    steps: list[Step] = []
    bundle = export_run(
        make_run(),
        tmp_path / "b",
        precision="int8",
        budgets=LOOSE,
        notify=lines.append,
        watch=steps.append,
    )
    report = report_of(bundle)
    assert bundle.manifest.precision == "int8"
    names = [each["name"] for each in report["candidates"]]
    assert names == ["tensor", "channel", "smooth", "blocks"]
    assert report["chosen"] in names
    assert report["rows"] == report["search_rows"] == 15
    assert all(each["speedup"] > 0 and each["milliseconds"] > 0 for each in report["candidates"])
    assert {"machine", "model", "instructions"} == set(report["processor"])
    assert (report["noise_band"], report["reason"]) == (0.03, None)
    found = {g.name for g in bundle.manifest.gates}
    wanted = {"metric_loss", "agreement", "answers_lost", "recall_loss", "speedup", "size"}
    assert {f"int8_{name}" for name in wanted} <= found
    assert "McNemar" in gate(bundle, "int8_answers_lost").detail
    kinds = {node.op_type for node in onnx.load(bundle.model_path).graph.node}
    assert kinds & {"MatMulInteger", "MatMulNBits"}
    assert any("x fp32" in line for line in lines)
    begun = [(each.number, each.name) for each in steps if not each.parts]
    assert begun == sorted(begun)
    assert [name for _, name in begun] == [
        *("read", "answer", "convert", "check", "quantize", "calibrate", "score", "prove")
    ]
    assert [(each.done, each.parts) for each in steps if each.parts] == [
        *((done, 4) for done in range(4))
    ]


def test_impossible_budgets_ship_fp32_and_say_so(make_run, tmp_path, impossible):
    bundle = export_run(make_run(), tmp_path / "b", budgets=impossible)
    report = report_of(bundle)
    assert bundle.manifest.precision == "fp32"
    assert report["chosen"] is None
    assert not any(each["passed"] for each in report["candidates"])
    # Sensitive nodes were looked for, node by node, and spared, to no avail.
    assert len(report["sensitivity"]) == 12
    assert sum("-" in each["name"] for each in report["candidates"]) >= 4
    agreement = gate(bundle, "int8_agreement")
    assert not agreement.passed
    assert "which is not shipped; fp32 is" in agreement.detail
    assert "fp32 is shipped" in bundle.card
    assert not {n.op_type for n in onnx.load(bundle.model_path).graph.node} & {"MatMulInteger"}


def test_forced_int8_that_loses_too_much_leaves_nothing(make_run, tmp_path, impossible):
    with pytest.raises(GateError, match=r"no int8 graph of .* stays within its budgets") as caught:
        export_run(make_run(), tmp_path / "b", precision="int8", budgets=impossible)
    assert "int8_agreement" in caught.value.message
    assert caught.value.exit_code == 1
    names = [g.name for g in caught.value.gates]
    exported = [name for name in names if CHECKS[name].stage == "export"]
    assert exported[:2] == ["onnx_equals_torch", "onnx_flips"]
    assert "int8_agreement" in {g.name for g in caught.value.gates if not g.passed}
    assert "which is not shipped" not in caught.value.gates[-1].detail
    assert list(tmp_path.iterdir()) == []


def test_a_gate_may_be_allowed_to_fail_and_that_is_recorded(make_run, tmp_path, impossible):
    bundle = export_run(
        make_run(),
        tmp_path / "b",
        precision="int8",
        budgets=impossible,
        allow={"int8_agreement": WHY},
    )
    failed = gate(bundle, "int8_agreement")
    assert bundle.manifest.precision == "int8"
    assert not failed.passed
    assert failed.reason == WHY
    assert not failed.blocks


def test_a_subset_can_search_but_all_rows_judge(make_run, tmp_path):
    budgets = Budgets(metric_loss=100, agreement=0, speedup=0, search_rows=5)
    bundle = export_run(make_run(), tmp_path / "b", budgets=budgets)
    report = report_of(bundle)
    assert (report["search_rows"], report["rows"]) == (5, 15)
    assert "to 15 validation rows" in gate(bundle, "int8_agreement").detail


def tamper(monkeypatch, change):
    """Change the graph that the exporter writes, as a silent failure of its would."""

    def convert(model, task, target):
        names = real_convert(model, task, target)
        model = onnx.load(target)
        change(model)
        onnx.save(model, target)
        return names

    monkeypatch.setattr("burnish.export.exactness.convert", convert)


def shift_a_weight(model):
    name = weight_matmuls(model)[0].weight
    tensor = next(t for t in model.graph.initializer if t.name == name)
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * 1.5, name))


def test_a_graph_that_is_not_the_model_is_stopped(make_run, tmp_path, monkeypatch):
    tamper(monkeypatch, shift_a_weight)
    with pytest.raises(GateError, match="gate onnx_equals_torch") as caught:
        export_run(make_run(), tmp_path / "b", precision="fp32")
    assert "--allow 'onnx_equals_torch=" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_is_not_the_model_can_be_let_through(make_run, tmp_path, monkeypatch):
    tamper(monkeypatch, shift_a_weight)
    allow = dict.fromkeys(("onnx_equals_torch", "onnx_flips"), WHY)
    bundle = export_run(make_run(), tmp_path / "b", precision="fp32", allow=allow)
    assert not gate(bundle, "onnx_equals_torch").passed
    assert gate(bundle, "onnx_equals_torch").value > 1e-3


def test_an_exporter_that_changes_its_model_is_noticed(make_run, tmp_path, monkeypatch):
    def convert(model, task, target):
        for parameter in model.parameters():
            parameter.data.mul_(1.2)
        return real_convert(model, task, target)

    monkeypatch.setattr("burnish.export.exactness.convert", convert)
    with pytest.raises(GateError, match="onnx_equals_torch"):
        export_run(make_run(), tmp_path / "b", precision="fp32")


def test_the_merge_gate_stops_an_adapter_that_merges_wrongly(make_run, tmp_path, monkeypatch):
    def merge(model):
        merged = merge_adapter(model)
        next(iter(merged.parameters())).data.mul_(1.5)
        return merged

    monkeypatch.setattr("burnish.export.exactness.merge_adapter", merge)
    with pytest.raises(GateError, match="gate merged_equals_unmerged"):
        export_run(make_run(method="lora"), tmp_path / "b", precision="fp32")


def test_unknown_names_are_refused_before_any_work(tmp_path):
    with pytest.raises(UsageError, match="there is no gate 'int8_agrement'") as caught:
        export_run(tmp_path / "no-run", tmp_path / "b", allow={"int8_agrement": WHY})
    assert caught.value.hint == "did you mean int8_agreement?"
    with pytest.raises(UsageError, match="no precision 'int4'"):
        export_run(tmp_path / "no-run", tmp_path / "b", precision="int4")  # type: ignore[arg-type]
    for name in ("", "two words", "-dash", "a/b", "é", "a\n", "a" * 65):
        with pytest.raises(UsageError, match="not a name for a bundle") as caught:
            export_run(tmp_path / "no-run", tmp_path / "b", name=name)
        assert "A-Z a-z 0-9 . _ -" in caught.value.hint
    with pytest.raises(RunError, match="not a run directory"):
        export_run(tmp_path / "no-run", tmp_path / "b")


def test_an_output_that_holds_something_is_not_overwritten(make_run, tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        export_run(make_run(), tmp_path / "b", precision="fp32")
    with pytest.raises(UsageError, match=r"would delete other files: mine\.txt"):
        export_run(make_run(), tmp_path / "b", precision="fp32", replace=True)
    first = export_run(make_run(), tmp_path / "c", precision="fp32")
    with pytest.raises(UsageError, match="exists already"):
        export_run(make_run(), tmp_path / "c", precision="fp32")
    (tmp_path / "c" / "README.md").write_text("an older bundle")
    again = export_run(make_run(), tmp_path / "c", precision="fp32", replace=True)
    assert again.card != "an older bundle"
    assert first.path == again.path


def test_rows_that_changed_since_the_training_are_refused(make_run, tmp_path):
    run = make_run()
    other = tmp_path / "moved"
    other.mkdir()
    rows = (run.parent / "rows.jsonl").read_text()
    (other / "rows.jsonl").write_text(rows.replace("my ", "your "))
    with pytest.raises(DataError, match=r"rows\.jsonl has changed"):
        export_run(run, tmp_path / "b", precision="fp32", data=other)
    (other / "rows.jsonl").write_text(rows)
    assert export_run(run, tmp_path / "b", precision="fp32", data=other).path.is_dir()
