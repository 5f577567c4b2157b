"""Learning rates by layer and step, freezing and gradual unfreezing."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from burnish.errors import BaseModelError, ConfigError
from burnish.recipe.recipe import TrainSection
from burnish.tasks import ClassificationTask
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.torch_models.families import encoder_layers, layer_depths
from burnish.training import train
from burnish.training.loop.epoch_scores import EpochScores
from burnish.training.loop.optimizer import make_optimizer, schedule_factor
from burnish.training.loop.unfreezing import Thawing, freeze_lowest
from burnish.training.methods import find_method
from burnish.training.pipeline import tuning
from tests.tiny import FAMILIES, tiny_base

TASK = ClassificationTask(labels=("a", "b", "c"), max_length=64)
RATES = {"learning_rate": 1e-3, "head_learning_rate": 1e-2, "epochs": 8, "layer_decay": 1.0}


def _settings(**values) -> TrainSection:
    return TrainSection(
        precision="fp32", **{**RATES, "schedule": "linear", "gradual_unfreezing": False, **values}
    )


@pytest.mark.parametrize("pooling", ["native", "mean"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_parameter_has_its_depth(tmp_path, family, pooling) -> None:
    base = resolve_base(str(tiny_base(tmp_path, family)))
    model = build_model(base, TASK, pooling=pooling, seed=0).module

    depths = layer_depths(model)
    layers = encoder_layers(model)
    assert len(layers) == (1 if family == "albert" else 2)
    for number, layer in enumerate(layers, 1):
        inside = {id(parameter) for parameter in layer.parameters()}
        found = {n for n, p in model.named_parameters() if id(p) in inside}
        assert found
        assert {depths[name] for name in found} == {number}
    top = len(layers) + 1
    assert all(depth == top for name, depth in depths.items() if name.startswith("classifier"))
    assert all(depth == 0 for name, depth in depths.items() if "embedding" in name)
    beside = {n for n, d in depths.items() if d == top}
    assert all("pool" in n or "classifier" in n or n.startswith("head.") for n in beside)


def test_depths_are_found_under_an_adapter(make_recipe, bert) -> None:
    base = resolve_base(str(bert))
    built = build_model(base, TASK, pooling="mean", seed=0)
    model = find_method("lora").prepare(built, base, make_recipe("one", method="lora"))

    depths = layer_depths(model)
    trained = {n: depths[n] for n, p in model.named_parameters() if p.requires_grad}
    assert {d for n, d in trained.items() if "lora_" in n} == {1, 2}
    assert {d for n, d in trained.items() if "classifier" in n} == {3}


def test_an_encoder_of_unknown_order_is_refused_where_the_order_matters(tmp_path) -> None:
    base = resolve_base(str(tiny_base(tmp_path)))
    model = build_model(base, TASK, pooling="mean", seed=0).module
    config: Any = model.config
    config.model_type = "strange"

    make_optimizer(model, _settings(), frozenset(), factors={})
    for settings in (_settings(layer_decay=2.0),):
        with pytest.raises(BaseModelError, match="strange"):
            make_optimizer(model, settings, frozenset(), factors={})
    with pytest.raises(BaseModelError, match="not known"):
        Thawing(model, _settings(gradual_unfreezing=True))


def test_each_layer_learns_more_slowly_than_the_one_above(bert) -> None:
    model = build_model(resolve_base(str(bert)), TASK, pooling="mean", seed=0).module
    new = frozenset({"classifier.weight", "classifier.bias"})
    optimizer = make_optimizer(model, _settings(layer_decay=2.6), new, factors={})

    depths = layer_depths(model)
    by_id = {id(p): depths[n] for n, p in model.named_parameters()}
    rates = {by_id[id(p)]: g["lr"] for g in optimizer.param_groups for p in g["params"]}
    assert rates == pytest.approx({0: 1e-3 / 2.6**2, 1: 1e-3 / 2.6, 2: 1e-3, 3: 1e-2})
    assert optimizer.param_groups[0]["lr"] == 1e-3


def test_the_slanted_triangle_is_the_papers() -> None:
    steps, cut, ratio = 200, 20, 32
    factor = schedule_factor(_settings(schedule="slanted"), steps=steps)

    for step in (0, 5, 20, 21, 100, 199):
        p = step / cut if step < cut else 1 - (step - cut) / (cut * (1 / 0.1 - 1))
        assert factor(step) == pytest.approx((1 + p * (ratio - 1)) / ratio)


@pytest.mark.parametrize(
    ("schedule", "middle", "last"),
    [("linear", 0.5, 0.0), ("cosine", 0.5, 0.0), ("constant", 1.0, 1.0)],
)
def test_other_courses_rise_alike_and_end_as_named(schedule, middle, last) -> None:
    factor = schedule_factor(_settings(schedule=schedule), steps=100)

    assert factor(0) == 0
    assert factor(5) == pytest.approx(0.5)
    assert factor(55) == pytest.approx(middle)
    assert factor(100) == pytest.approx(last)


def test_layers_join_from_the_top_until_the_middle(bert) -> None:
    model = build_model(resolve_base(str(bert)), TASK, pooling="mean", seed=0).module
    thawing = Thawing(model, _settings(gradual_unfreezing=True))
    depths = layer_depths(model)

    lowest = []
    for epoch in range(8):
        thawing.begin(epoch)
        lowest.append(min(depths[n] for n, p in model.named_parameters() if p.requires_grad))
    thawing.end()

    assert lowest == [math.ceil(3 * (1 - e / 4)) for e in range(4)] + [0] * 4
    assert all(p.requires_grad for p in model.parameters())
    assert [thawing.frozen_layers(e) for e in range(8)] == [2, 2, 1, 0, 0, 0, 0, 0]


def test_what_rests_drops_nothing_out(bert) -> None:
    model = build_model(resolve_base(str(bert)), TASK, pooling="mean", seed=0).module
    freeze_lowest(model, 1)
    thawing = Thawing(model, _settings())
    thawing.begin(0)
    model.train()
    thawing.rest()

    lower, upper = encoder_layers(model)
    assert not lower.training
    assert not model.get_submodule("encoder.embeddings.dropout").training
    assert upper.get_submodule("attention.output.dropout").training


def test_frozen_layers_stay_bit_equal_and_are_not_counted_as_trained(make_recipe, bert) -> None:
    from safetensors.torch import load_file

    start = load_file(bert / "model.safetensors")
    settings = {"epochs": 8, "learning_rate": 2e-2, "freeze": 1, "layer_decay": 1.5}
    run = train(make_recipe("extraction", train={**settings, "gradual_unfreezing": True}))

    tuned = load_file(run.path / "model" / "model.safetensors")
    assert (run.record.training.best_epoch or 0) > 0
    assert run.record.training.parameters_trained == sum(
        t.numel() for n, t in tuned.items() if "layer.1." in n or n.startswith("classifier")
    )
    for name, tensor in tuned.items():
        if "embeddings" in name or "layer.0." in name:
            assert torch.equal(tensor, start[name])
    assert not torch.equal(
        tuned["bert.encoder.layer.1.output.dense.weight"],
        start["bert.encoder.layer.1.output.dense.weight"],
    )


def test_more_layers_than_there_are_cannot_be_frozen(make_recipe) -> None:
    with pytest.raises(ConfigError, match="the encoder has 2") as caught:
        train(make_recipe("one", train={"freeze": 3}))
    assert "2 or less" in caught.value.hint


def test_lower_layers_cannot_be_faster(make_recipe) -> None:
    with pytest.raises(ConfigError, match="layer_decay"):
        make_recipe("one", train={"layer_decay": 0.9})


def test_waiting_layers_do_not_use_patience_up(make_recipe, monkeypatch) -> None:
    """Where only the first epoch is good, a run ends as patience says, once all is trained."""
    scores = iter([0.9, *[0.1] * 8])
    monkeypatch.setattr(
        tuning, "score_epoch", lambda *_, **__: EpochScores(next(scores), train=0.5)
    )
    settings = {"epochs": 8, "patience": 1, "gradual_unfreezing": True}
    run = train(make_recipe("one", train=settings))

    assert run.record.training.epochs_run == 5


def test_the_resolved_recipe_of_everything_gives_the_same_bits(make_recipe, tmp_path) -> None:
    from burnish.recipe.recipe import load_recipe

    settings = {"gradual_unfreezing": True, "layer_decay": 2.6, "schedule": "slanted"}
    settings |= {"regularization": "l2"}
    first = train(make_recipe("extraction", train={**settings, "epochs": 4}))
    second = train(load_recipe(first.path / "recipe.yaml", [f"output={tmp_path / 'again'}"]))

    assert (first.path / "metrics.json").read_bytes() == (second.path / "metrics.json").read_bytes()
