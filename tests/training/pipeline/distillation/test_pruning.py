"""Which inner units matter, and how many a cost allows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification

from burnish.errors import BaseModelError, ConfigError
from burnish.tasks import ClassificationTask
from burnish.torch_models.families import FEED_FORWARD, encoder_layers
from burnish.torch_models.quiet import quiet
from burnish.torch_models.shrinking import keep_units
from burnish.training.data.features import Feature
from burnish.training.pipeline.distillation import pruning
from burnish.training.pipeline.distillation.pruning import Size, prune, size_for, unit_importance
from tests.tiny import tiny_base

_IDS = torch.tensor([[2, 7, 8, 9, 3]])


def _load(tmp_path, family):
    tiny_base(tmp_path / "base", family)
    with quiet():
        return AutoModel.from_pretrained(tmp_path / "base").eval()


def _vectors(model):
    with torch.inference_mode():
        return model(input_ids=_IDS).last_hidden_state


def _up(layer: Any) -> torch.Tensor:
    found: torch.Tensor = layer.intermediate.dense.weight
    return found


@pytest.fixture(params=sorted(FEED_FORWARD))
def model(request, tmp_path):
    return _load(tmp_path, request.param)


def test_units_that_do_nothing_can_go(model) -> None:
    """Those that the layer down does not read; a gate goes with its unit."""
    part = FEED_FORWARD[model.config.model_type]
    idle = np.arange(1, 64, 2)
    for layer in encoder_layers(model):
        linear: Any = layer.get_submodule(part.down)
        with torch.no_grad():
            linear.weight[:, idle] = 0
    busy = [np.arange(0, 64, 2)] * 2
    smaller = keep_units(model, busy)
    assert getattr(smaller.config, part.key) == 32
    assert torch.allclose(_vectors(model), _vectors(smaller), atol=1e-6)


@pytest.mark.parametrize("family", ["bert", "distilbert", "eurobert", "modernbert"])
def test_units_of_no_importance_go_first(tmp_path, family) -> None:
    tiny_base(tmp_path / "base", family)
    with quiet():
        model: Any = AutoModelForSequenceClassification.from_pretrained(tmp_path / "base").eval()
    task = ClassificationTask(labels=("a", "b"), max_length=32, stride=8)
    encoder = task.text_encoder(tmp_path / "base" / "tokenizer.json")
    windows = task.encode("my card was late", encoder).windows
    idle = [np.arange(at, 64, 2) for at in range(2)]  # others in each layer
    for layer, places in zip(encoder_layers(model), idle, strict=True):
        linear: Any = layer.get_submodule(FEED_FORWARD[family].down)
        with torch.no_grad():
            linear.weight[:, places] = 0
    target = np.array([0.0, 1.0], dtype=np.float32)
    importance = unit_importance(model, model, task, [Feature(windows[0], target, 1.0)])
    for found, places in zip(importance, idle, strict=True):
        assert set(np.flatnonzero(found == 0)) == set(places)
    smaller = prune(model, Size(2, 32, 0.5), importance)
    with torch.inference_mode():
        whole, kept = model(input_ids=_IDS).logits, smaller(input_ids=_IDS).logits
    assert torch.allclose(whole, kept, atol=1e-6)


def test_the_most_important_stay(tmp_path) -> None:
    model = _load(tmp_path, "bert")
    importance = [np.arange(64.0), np.arange(64.0)[::-1]]
    smaller = prune(model, Size(2, 16, 0.5), importance)
    first, second = (_up(layer) for layer in encoder_layers(smaller))
    whole = [_up(layer) for layer in encoder_layers(model)]
    assert torch.equal(first, whole[0][48:])
    assert torch.equal(second, whole[1][:16])


def test_a_family_whose_layers_share_their_units_is_refused(tmp_path) -> None:
    model = _load(tmp_path, "albert")
    with pytest.raises(BaseModelError, match="inner units of a 'albert' model cannot"):
        keep_units(model, [np.arange(8)] * 2)


@pytest.fixture
def costs(monkeypatch):
    """A layer costs a tenth, and as much again by its inner units; the rest a twentieth."""

    def cost(model, layers, units, *, features):
        return 0.05 + layers * (0.07 + 0.095 * units / 1024)

    monkeypatch.setattr(pruning, "_relative_cost", cost)
    monkeypatch.setattr(pruning, "count_layers", lambda _: 6)


def _with_units(tmp_path, count):
    model = _load(tmp_path, "bert")
    model.config.intermediate_size = count
    return model


@pytest.mark.parametrize("share", [0.2, 0.3, 0.5, 0.52, 0.8, 0.95])
def test_a_cost_is_met_within_a_twentieth(tmp_path, costs, share) -> None:
    size = size_for(share, _with_units(tmp_path, 1024), [])
    assert size.cost == pytest.approx(share, rel=0.05)
    assert size.units % 16 == 0
    assert 1 <= size.layers <= 6


def test_fewer_layers_with_all_units_come_first(tmp_path, costs) -> None:
    size = size_for(0.545, _with_units(tmp_path, 1024), [])
    assert (size.layers, size.units) == (3, 1024)


def test_less_than_one_layer_is_refused(tmp_path, costs) -> None:
    with pytest.raises(ConfigError, match=r"--cost 0\.1.*costs 0\.13"):
        size_for(0.1, _with_units(tmp_path, 1024), [])
