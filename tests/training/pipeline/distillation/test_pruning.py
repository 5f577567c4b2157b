"""Which inner units matter, and how many a cost allows."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForSequenceClassification, BertConfig, BertModel

from burnish.errors import BaseModelError, ConfigError
from burnish.tasks import ClassificationTask
from burnish.torch_models.families import FEED_FORWARD, encoder_layers
from burnish.torch_models.quiet import quiet
from burnish.torch_models.shrinking import keep_layers, keep_units
from burnish.training.data.features import Feature
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


@pytest.fixture(scope="module")
def teacher() -> BertModel:
    """Six layers of 1,024 inner units."""
    return BertModel(
        BertConfig(
            vocab_size=40,
            hidden_size=8,
            num_hidden_layers=6,
            num_attention_heads=2,
            intermediate_size=1024,
        )
    )


def _cost(encoder: Any) -> float:
    """A layer costs 0.065, and 0.095 by its inner units; the rest costs 0.04."""
    config = encoder.config
    return 0.04 + config.num_hidden_layers * (0.065 + 0.095 * config.intermediate_size / 1024)


@pytest.mark.parametrize("share", [0.18, 0.2, 0.3, 0.5, 0.52, 0.8, 0.95])
def test_a_cost_is_met(teacher, share) -> None:
    size = size_for(share, teacher, _cost)
    assert size.cost == pytest.approx(share, rel=0.02)
    assert size.units % 16 == 0
    assert 1 <= size.layers <= 6


def test_fewer_layers_with_all_units_come_first(teacher) -> None:
    size = size_for(0.52, teacher, _cost)
    assert (size.layers, size.units) == (3, 1024)


def test_few_sizes_are_timed(teacher) -> None:
    said: list[str] = []
    size_for(0.5, teacher, _cost, say=said.append)
    assert len(said) <= 5
    assert said[0] == (
        "timed as served: 3 layers with 1024 inner units each, 0.52 of the teacher's time"
    )


def test_timings_that_are_off_are_evened_out(teacher) -> None:
    """Each is off by 3 %, now above and now below; units are chosen that cost the share."""
    signs = itertools.cycle((1.03, 0.97))
    size = size_for(0.45, teacher, lambda encoder: _cost(encoder) * next(signs))
    true = _cost(keep_units(keep_layers(teacher, range(3)), [np.arange(size.units)] * 3))
    assert true == pytest.approx(0.45, rel=0.025)


def test_a_cost_between_two_numbers_of_layers_has_the_nearer(teacher) -> None:
    """Units cost nothing, as where texts are long and attention is all."""

    def cost(encoder: Any) -> float:
        return 0.04 + 0.16 * encoder.config.num_hidden_layers

    assert size_for(0.42, teacher, cost).layers == 2
    assert size_for(0.49, teacher, cost).layers == 3


def test_less_than_one_layer_is_refused(teacher) -> None:
    with pytest.raises(ConfigError, match=r"--cost 0\.1.*costs 0\.11") as refused:
        size_for(0.1, teacher, _cost)
    assert refused.value.hint == "give --cost 0.16 or more, or --static"
    assert size_for(0.16, teacher, _cost).cost == pytest.approx(0.16, rel=0.02)
