"""A small model before the whole one: the joined graph, its threshold, its gates and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest

import burnish
from burnish.bundle import Bundle
from burnish.errors import GateError, UsageError
from burnish.export import export_run, pipeline
from burnish.export.answers import open_session
from burnish.export.cascade import check_first, joining
from burnish.export.cascade.graph import write_cascade
from burnish.export.cascade.joining import _thresholds
from burnish.export.cascade.switch import best_probability
from burnish.export.comparison import compare
from burnish.export.forms import form_of
from burnish.export.int8.quantization import Quantized
from burnish.run import read_run
from burnish.self_test import mismatches, probes_for
from burnish.tasks import Prediction, TextEncoder
from burnish.tasks.scores import softmax
from burnish.tasks.windows import Window
from tests.tiny_onnx import tiny_graph, tiny_task, tiny_tokenizer

_ALLOW = {"cascade_cost": "a tiny model is as slow as another"}


def _window(text: str) -> Window:
    task: Any = tiny_task("classification")
    encoder = TextEncoder(tiny_tokenizer(), max_length=task.max_length, stride=task.stride)
    return task.encode(text, encoder).windows[0]


@pytest.fixture(scope="module")
def graphs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A small graph, and a whole one whose logits are the small one's turned round."""
    folder = tmp_path_factory.mktemp("graphs")
    task = tiny_task("classification")
    graph = tiny_graph(task, tiny_tokenizer())
    onnx.save(graph, str(folder / "first.onnx"))
    for each in graph.graph.initializer:
        if each.name == "head":
            turned = onnx.numpy_helper.to_array(each)[:, ::-1].copy()
            each.CopyFrom(onnx.numpy_helper.from_array(turned, "head"))
    onnx.save(graph, str(folder / "whole.onnx"))
    return folder / "first.onnx", folder / "whole.onnx"


@pytest.mark.parametrize(
    "text", ["my invoice", "the parcel was late", "hello hello hello", "it is"]
)
@pytest.mark.parametrize("least", [0.0, 0.4, 0.6, 0.9, 1.1])
def test_the_first_answers_where_it_is_sure_and_the_whole_model_elsewhere(
    graphs, tmp_path, text, least
) -> None:
    task, window = tiny_task("classification"), _window(text)
    numbers: dict[str, Any] = {"least": least, "temperature": 2.0, "scale": 0.5}
    small, large = graphs
    write_cascade(small, large, tmp_path / "c.onnx", output="logits", **numbers)
    inputs = ("input_ids", "attention_mask")
    first, whole, joined = (
        open_session(path, task=task, inputs=inputs).run(window)
        for path in (*graphs, tmp_path / "c.onnx")
    )
    sure = softmax(first.astype(np.float64) / 2).max() >= least
    expected = first * np.float32(0.5) if sure else whole
    assert np.array_equal(joined, expected)
    assert not np.array_equal(first * np.float32(0.5), whole)


def test_the_joined_graph_is_one_standard_file_with_every_name_once(graphs, tmp_path) -> None:
    target = tmp_path / "c.onnx"
    small, large = graphs
    write_cascade(small, large, target, output="logits", least=0.5, temperature=1.0, scale=1.0)
    onnx.checker.check_model(str(target), full_check=True)
    model = onnx.load(str(target))
    assert [entry.name for entry in model.graph.output] == ["logits"]
    assert {entry.name for entry in model.graph.input} == {"input_ids", "attention_mask"}


def test_thresholds_lie_between_probabilities_the_surest_first() -> None:
    found = _thresholds([[0.5, 0.9], [0.7], [0.7]])
    assert found == pytest.approx([0.95, 0.8, 0.6])
    many = _thresholds([[p] for p in np.linspace(0.1, 1, 500)])
    assert len(many) == 60
    assert many == sorted(many, reverse=True)


@pytest.mark.parametrize("precision", ["fp32", "auto"])
def test_a_bundle_of_two_models_answers_and_says_so(make_run, tmp_path, precision) -> None:
    whole, small = make_run("classification", "full"), make_run("classification", "head")
    bundle = export_run(whole, tmp_path / "b", first=small, precision=precision, allow=_ALLOW)
    gates = {gate.name: gate for gate in bundle.manifest.gates}
    assert {"cascade_metric_loss", "cascade_agreement", "cascade_cost"} <= gates.keys()
    assert gates["cascade_metric_loss"].passed
    found = bundle.manifest.cascade
    assert found is not None
    assert found["first"] == read_run(small).digest
    assert 0 <= found["answered"] <= 1
    assert "## Cascade" in (bundle.path / "README.md").read_text(encoding="utf-8")
    texts = ["my refund is late", "my parcel is not"]
    with burnish.load(bundle.path) as model:
        alone = [model.predict_one(text) for text in texts]
        assert list(model.predict(texts)) == alone
    plain = export_run(whole, tmp_path / "plain", precision="fp32")
    assert plain.manifest.cascade is None


def _answers(graph: Path, bundle: Bundle) -> list[Prediction]:
    """What a graph answers to the self-test of a bundle."""
    manifest = bundle.manifest
    task: Any = manifest.task
    session = open_session(graph, task=task, inputs=manifest.inputs)
    encoder = task.text_encoder(bundle.tokenizer_path)
    encodings = [task.encode(probe, encoder) for probe in probes_for(task.task)]
    return [task.decode("", each, [session.run(w) for w in each.windows]) for each in encodings]


def _moved(bundle: Bundle, least: float, target: Path) -> Path:
    """The graph of a cascade with another threshold, as another processor's rounding is one."""
    model = onnx.load(str(bundle.model_path))
    for each in model.graph.initializer:
        if each.name == "cascade/least":
            each.CopyFrom(onnx.numpy_helper.from_array(np.asarray(least, np.float32), each.name))
    onnx.save(model, str(target))
    return target


def test_either_model_may_answer_a_text_of_the_self_test_that_lies_at_the_threshold(
    make_run, tmp_path, monkeypatch
) -> None:
    whole, small = make_run("classification", "full"), make_run("classification", pooling="cls")
    alone = export_run(small, tmp_path / "alone", precision="fp32")
    task: Any = read_run(small).record.task
    window = task.encode(probes_for(task.task)[0], task.text_encoder(alone.tokenizer_path)).windows
    first = open_session(alone.model_path, task=task, inputs=alone.manifest.inputs)
    least = best_probability(first.run(window[0]), task.temperature)
    monkeypatch.setattr(joining, "_thresholds", lambda _: [least])
    allow = {**_ALLOW, "cascade_metric_loss": "the threshold is the test's, not the rows'"}
    bundle = export_run(whole, tmp_path / "b", first=small, precision="fp32", allow=allow)
    recorded = bundle.manifest.probes
    assert recorded is not None
    kinds = [each.kind for each in recorded.answers]
    assert kinds[0] == "either"
    assert kinds.count("labels") >= 5
    found = [
        _answers(_moved(bundle, least + by, tmp_path / f"{by}.onnx"), bundle)
        for by in (-1e-4, 1e-4)
    ]
    assert found[0][0].distance(found[1][0]) > recorded.tolerance
    for answers in found:
        assert list(mismatches(recorded, answers, bundle.manifest.task)) == []


def test_int8_in_the_first_model_alone_makes_an_int8_bundle(
    make_run, tmp_path, monkeypatch
) -> None:
    def quantize(reference: Any, *_: Any, **__: Any) -> Quantized:
        chosen: Any = SimpleNamespace(plan=SimpleNamespace(name="all"))
        return Quantized(reference.graph, reference.answers, chosen, {})

    def not_quantize(reference: Any, *_: Any, **__: Any) -> Quantized:
        return Quantized(reference.graph, reference.answers, None, {})

    monkeypatch.setattr(joining, "quantize", quantize)
    monkeypatch.setattr(
        pipeline, "form_of", lambda task: replace(form_of(task), quantize=not_quantize)
    )
    whole, small = make_run("classification", "full"), make_run("classification", "head")
    manifest = export_run(whole, tmp_path / "b", first=small, allow=_ALLOW).manifest
    assert manifest.probes is not None
    assert (manifest.precision, manifest.probes.tolerance) == ("int8", 0.05)


def test_a_first_model_that_loses_too_much_leaves_nothing(make_run, tmp_path, monkeypatch) -> None:
    whole, small = make_run("classification", "full"), make_run("classification", "head")
    real = compare

    def worse(*given: Any) -> Any:
        found = real(*given)
        return replace(found, after=found.before - 0.2)

    monkeypatch.setattr(joining, "compare", worse)
    with pytest.raises(GateError, match="gate cascade_metric_loss: 20 against"):
        export_run(whole, tmp_path / "b", first=small, precision="fp32", allow=_ALLOW)
    assert not (tmp_path / "b").exists()


def test_models_that_do_not_go_together_are_refused_before_anything_is_computed(
    make_run, tmp_path
) -> None:
    whole = make_run("classification", "full")
    with pytest.raises(UsageError, match="one label per text"):
        export_run(make_run("extraction"), tmp_path / "b", first=whole)
    with pytest.raises(UsageError, match="is not a model for classification with the labels"):
        export_run(whole, tmp_path / "b", first=make_run("pairs"))
    run = read_run(whole)
    task = run.record.task.model_copy(update={"max_length": 32, "stride": 8})
    other = replace(run, record=run.record.model_copy(update={"task": task}))
    with pytest.raises(UsageError, match="another tokenizer or window"):
        check_first(run, other)
    assert not (tmp_path / "b").exists()
    assert json.loads((whole / "record.json").read_text())["task"]["max_length"] == 64
