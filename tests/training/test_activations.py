"""Activations of frozen layers: recalled, they give what computing gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from burnish.config import TrainSection
from burnish.tasks import ClassificationTask
from burnish.tasks.windows import Window
from burnish.torch_models.base import Pooling, resolve_base
from burnish.torch_models.build import build_model, input_names
from burnish.torch_models.families import encoder_layers
from burnish.training import activations
from burnish.training.features import Feature
from burnish.training.loop import TrainingLoop
from burnish.training.loss import loss_for
from burnish.training.methods import find_method
from burnish.training.thawing import freeze_lowest
from tests.tiny import FAMILIES, tiny_base

TASK = ClassificationTask(labels=("a", "b", "c"), max_length=64)


def _features(count: int = 12) -> list[Feature]:
    rng = np.random.default_rng(0)
    made = []
    for index in range(count):
        ids = rng.integers(5, 30, size=rng.integers(4, 40))
        window = Window(ids, np.zeros_like(ids), start=0, stop=len(ids), prefix=1)
        made.append(Feature(window, np.array(index % 3), 1.0))
    return made


def _loop(directory, *, frozen: int, pooling: Pooling = "native", **settings) -> TrainingLoop:
    base = resolve_base(str(directory))
    model = build_model(base, TASK, pooling=pooling, seed=0).module
    for parameter in model.parameters():  # tiny weights make tiny differences
        parameter.data.mul_(3)
    freeze_lowest(model, frozen)
    given: dict[str, Any] = {
        "epochs": 3,
        "batch_size": 4,
        "learning_rate": 1e-3,
        "head_learning_rate": 1e-3,
    }
    given |= {"schedule": "linear", "layer_decay": 1.0, "gradual_unfreezing": False, **settings}
    return TrainingLoop(
        model,
        _features(),
        names=input_names(model),
        new_parameters=frozenset(),
        loss=loss_for(TASK),
        settings=TrainSection(precision="fp32", **given),
    )


def _gradients(loop: TrainingLoop) -> dict[str, torch.Tensor]:
    """Of a first batch without dropout anywhere."""
    loop.thawing.begin(0)
    loop._activations.begin(0)
    loop.model.eval()
    loop._backward([0, 3, 7, 11], share=1.0)
    return {n: p.grad for n, p in loop.model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("pooling", ["native", "mean"])
@pytest.mark.parametrize("frozen", [1, 2])
@pytest.mark.parametrize("family", FAMILIES)
def test_gradients_are_those_of_computing(tmp_path, monkeypatch, family, frozen, pooling) -> None:
    directory = tiny_base(tmp_path, family)
    frozen = min(frozen, 1) if family == "albert" else frozen
    recalling = _loop(directory, frozen=frozen, pooling=pooling)
    recalled = _gradients(recalling)
    monkeypatch.setattr(activations, "_LARGEST_BYTES", 0)
    computing = _loop(directory, frozen=frozen, pooling=pooling)
    computed = _gradients(computing)

    assert recalling._activations.size_bytes > 0
    assert computing._activations.size_bytes == 0
    assert recalled.keys() == computed.keys()
    assert max(float(g.abs().max()) for g in computed.values()) > 1e-3
    for name, gradient in computed.items():
        assert torch.allclose(recalled[name], gradient, atol=1e-5, rtol=1e-4), name


def test_a_whole_training_ends_with_the_same_weights(tmp_path, monkeypatch) -> None:
    directory = tiny_base(tmp_path)
    ends = []
    for largest in (2**30, 0):
        monkeypatch.setattr(activations, "_LARGEST_BYTES", largest)
        loop = _loop(directory, frozen=1)
        assert len(list(loop.run())) == 9
        ends.append(loop.model.state_dict())

    # A key's bias moves every score of a query alike and so changes nothing: its gradient is what
    # rounding leaves of zero, and Adam makes a whole step of that.
    compared = [name for name in ends[0] if not name.endswith("key.bias")]
    assert len(compared) == len(ends[0]) - 2
    for name in compared:
        assert torch.allclose(ends[0][name], ends[1][name], atol=1e-5), name


def test_frozen_layers_run_once_a_window(tmp_path) -> None:
    loop = _loop(tiny_base(tmp_path), frozen=1)
    seen = [0, 0]
    for number, layer in enumerate(encoder_layers(loop.model)):

        def count(_, given, __, number=number) -> None:
            seen[number] += len(given[0])

        # A forward that stands in calls no layer's inner modules.
        layer.get_submodule("intermediate").register_forward_hook(count)
    list(loop.run())

    assert seen == [12, 36]


def test_gradual_unfreezing_keeps_each_height_and_lets_it_go(tmp_path) -> None:
    loop = _loop(tiny_base(tmp_path), frozen=0, epochs=8, gradual_unfreezing=True)

    sizes = [loop._activations.size_bytes for step in loop.run() if step.ends_epoch]
    one = 4 * 32 * sum(len(feature) for feature in _features())
    assert sizes == [2 * one, 2 * one, one, 0, 0, 0, 0, 0]


def test_nothing_is_kept_where_something_trained_reaches_in_below(tmp_path) -> None:
    loop = _loop(tiny_base(tmp_path), frozen=1)
    stray = torch.nn.Parameter(torch.zeros(32))
    layer = encoder_layers(loop.model)[0]
    layer.register_forward_hook(lambda _, __, output: (output[0] + stray,))
    loop.thawing.begin(0)
    loop._activations.begin(0)

    assert loop._activations.size_bytes == 0
    assert loop._activations.recall([0], length=8) == {}


@pytest.mark.parametrize(("method", "kept"), [("head", True), ("prefix", False), ("lora", False)])
def test_a_method_that_freezes_the_encoder_recalls_it(make_recipe, bert, method, kept) -> None:
    base = resolve_base(str(bert))
    built = build_model(base, TASK, pooling="mean", seed=0)
    names = input_names(built.module)
    model = find_method(method).prepare(built, base, make_recipe("one", method=method))
    settings = TrainSection(
        precision="fp32",
        epochs=3,
        batch_size=4,
        learning_rate=1e-3,
        head_learning_rate=1e-3,
        schedule="linear",
        layer_decay=1.0,
        gradual_unfreezing=False,
    )
    loop = TrainingLoop(
        model,
        _features(),
        names=names,
        new_parameters=frozenset(),
        loss=loss_for(TASK),
        settings=settings,
    )
    for step in loop.run():
        assert (loop.kept_bytes > 0) == kept
        assert np.isfinite(step.loss)
