"""The anchor: weights held back towards their start."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from burnish.config import TrainSection
from burnish.errors import ConfigError
from burnish.training import train
from burnish.training.anchor import Anchor

KEPT = {"l2": 1e4, "mixout": 0.9}


def _model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))


def _settings(keep: str, strength: float) -> TrainSection:
    return TrainSection(precision="fp32", regularization=keep, regularization_strength=strength)


def _moved(run, start) -> float:
    from safetensors.torch import load_file

    tuned = load_file(run.path / "model" / "model.safetensors")
    names = [n for n in tuned if ".layer." in n and n.endswith("weight") and "Norm" not in n]
    return sum(float((tuned[n] - start[n]).square().sum()) for n in names) ** 0.5


@pytest.mark.parametrize("keep", KEPT)
def test_a_held_tuning_ends_nearer_to_its_start(make_recipe, bert, keep) -> None:
    from safetensors.torch import load_file

    start = load_file(bert / "model.safetensors")
    settings = {"epochs": 4, "learning_rate": 5e-3}
    kept = {**settings, "regularization": keep, "regularization_strength": KEPT[keep]}
    free = train(make_recipe("extraction", train=settings))
    freely = _moved(free, start)
    held = train(make_recipe("extraction", train=kept), replace=True)

    assert free.record.training.best_epoch > 0
    assert held.record.training.best_epoch > 0
    assert _moved(held, start) < 0.7 * freely


def test_mixout_of_almost_nothing_is_the_model_itself() -> None:
    model: Any = _model().train()
    anchor = Anchor(model, _settings("mixout", 1e-12), new_parameters=frozenset())
    with torch.no_grad():
        model[0].weight.add_(1.0)
    given = {"input": torch.randn(4, 8)}
    torch.manual_seed(1)
    expected = model(**given)
    # Drawn after the masks, the model's own dropout is another: compare without it.
    model[1].p = 0.0
    expected = model(**given)

    assert torch.allclose(anchor.call(model, given), expected, atol=1e-6)


def test_mixout_has_the_weights_as_its_mean_and_their_start_as_a_limit() -> None:
    model = nn.Linear(64, 64, bias=False)
    start = model.weight.detach().clone()
    anchor = Anchor(model, _settings("mixout", 0.5), new_parameters=frozenset())
    with torch.no_grad():
        model.weight.add_(0.1)
    model.train()
    drawn = torch.stack([anchor.call(model, {"input": torch.eye(64)}).T for _ in range(200)])

    assert torch.allclose(drawn.mean(0), model.weight, atol=0.05)
    back = torch.isclose(drawn[0], start, atol=1e-6).float().mean()
    assert 0.45 < back < 0.55
    assert torch.equal(anchor.call(model.eval(), {"input": torch.eye(64)}).T, model.weight)


def test_the_pull_is_rate_times_strength_of_the_way_and_spares_the_new() -> None:
    model = _model()
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    anchor = Anchor(model, _settings("l2", 100.0), new_parameters=frozenset({"2.weight"}))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    anchor.pull(model, torch.optim.AdamW(model.parameters(), lr=1e-3))

    gone = {name: p - start[name] for name, p in model.named_parameters()}
    assert torch.allclose(gone["0.weight"], torch.full((8, 8), 0.9), atol=1e-5)
    assert torch.allclose(gone["2.weight"], torch.ones(2, 8), atol=1e-5)


def test_mixout_of_everything_is_refused(make_recipe) -> None:
    with pytest.raises(ConfigError, match="regularization_strength"):
        make_recipe("one", train={"regularization": "mixout", "regularization_strength": 1})
