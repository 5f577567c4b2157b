"""What each tuning method leaves is merged exactly, or exported inside the graph."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch import nn

import burnish
from burnish.export import Budgets, export_run
from burnish.export.int8 import graph
from burnish.export.int8.graph import load_graph, weight_matmuls
from burnish.recipe.recipe import parse_recipe
from burnish.run import read_run
from burnish.tasks import Classification, ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.checkpoint import has_adapter
from burnish.torch_models.merging import merge_adapter
from burnish.training.methods import find_method
from tests.tiny import tiny_base

LOOSE = Budgets(metric_loss=100, agreement=0, speedup=0)
TASK = ClassificationTask(labels=("a", "b", "c"), max_length=32, stride=8)
MERGED: dict[str, dict[str, Any]] = {
    "lora": {"method": "lora"},
    "rslora": {"method": "lora", "lora": {"variant": "rslora"}},
    "dora": {"method": "lora", "lora": {"variant": "dora"}},
    "adalora": {"method": "lora", "lora": {"variant": "adalora"}},
    "ia3": {"method": "ia3"},
}


@pytest.mark.parametrize("family", ["bert", "albert", "deberta-v2", "modernbert"])
@pytest.mark.parametrize("variant", MERGED)
def test_what_was_learnt_is_merged_exactly(tmp_path, variant, family):
    recipe = parse_recipe(
        {"task": "classification", "data": {"train": "x"}, "output": "y", **MERGED[variant]}
    )
    base = resolve_base(str(tiny_base(tmp_path, family)))
    built = build_model(base, TASK, pooling="mean", seed=0)
    _enlarge(built.module)
    plain = ask(built.module)
    model = find_method(recipe.method).prepare(built, base, recipe)
    torch.testing.assert_close(ask(model), plain, rtol=0, atol=1e-5)
    torch.manual_seed(1)
    for name, parameter in model.named_parameters():
        if "lora_" in name or "ia3_" in name:
            nn.init.normal_(parameter, mean=float("ia3_" in name), std=0.3)
    learnt = ask(model)
    assert (learnt - plain).abs().max() > 1e-3
    merged = merge_adapter(model)
    assert not has_adapter(merged)
    torch.testing.assert_close(ask(merged), learnt, rtol=0, atol=1e-4)  # the export's budget


def _enlarge(model: nn.Module) -> None:
    """Weights as large as trained ones: at 0.02, as drawn, no layer matters to the answer."""
    torch.manual_seed(2)
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=0.2)


def ask(model: nn.Module) -> torch.Tensor:
    ids = torch.arange(60).reshape(3, -1) % 20 + 10
    with torch.no_grad():
        logits: torch.Tensor = model.eval()(
            input_ids=ids, attention_mask=torch.ones_like(ids)
        ).logits
    return logits


@pytest.mark.parametrize("method", ["adapters", "prefix"])
def test_what_cannot_be_merged_is_quantized_inside_the_graph(make_run, tmp_path, method):
    run = make_run(method=method, pooling="mean", declared="mean")
    bundle = export_run(run, tmp_path / "bundle", precision="int8", budgets=LOOSE)

    passed = {gate.name: gate.passed for gate in bundle.manifest.gates}
    assert passed["onnx_equals_torch"]
    assert passed["onnx_flips"]
    assert passed["served_flips"]
    assert "merged_equals_unmerged" not in passed
    assert bundle.manifest.precision == "int8"
    with burnish.load(bundle.path, threads=1) as model:
        answer = model.predict_one("my card is late")
    assert isinstance(answer, Classification)
    assert answer.labels


def test_adapters_are_multiplications_of_the_graph(make_run, tmp_path, monkeypatch):
    monkeypatch.setattr(graph, "_MIN_ELEMENTS", 32)
    counts = {}
    for method in ("full", "adapters"):
        run = make_run(method=method, pooling="mean", declared="mean")
        bundle = export_run(run, tmp_path / method, precision="fp32")
        counts[method] = len(weight_matmuls(load_graph(bundle.path / "model.onnx")))
    assert counts["full"] < counts["adapters"]


@pytest.mark.parametrize("method", ["adapters", "prefix"])
def test_the_configurations_name_nothing_of_the_method(make_run, tmp_path, method):
    """They are those of the plain architecture: another library can read them."""
    run = read_run(make_run(method=method, pooling="mean", declared="mean"))
    bundle = export_run(run.path, tmp_path / "bundle", precision="fp32")
    assert not (run.path / "model" / "config.json").exists()  # what it is, no library could load
    assert "adapters" not in json.loads((bundle.path / "config.json").read_text())
