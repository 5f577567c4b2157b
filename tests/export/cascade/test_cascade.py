"""A small model before the whole one: the joined graph, its threshold, its gates and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import burnish
from burnish.errors import GateError, UsageError
from burnish.export import export_run
from burnish.export.answers import open_session
from burnish.export.cascade import check_first, joining
from burnish.export.cascade.graph import write_cascade
from burnish.export.cascade.joining import _thresholds
from burnish.export.comparison import compare
from burnish.run import read_run
from burnish.tasks import TextEncoder
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
