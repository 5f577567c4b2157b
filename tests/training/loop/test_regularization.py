"""The anchor: weights held back towards their start."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from burnish.digest import file_sha256
from burnish.errors import ConfigError
from burnish.recipe.recipe import TrainSection, load_recipe, write_recipe
from burnish.run import read_run
from burnish.training import train
from burnish.training.loop.regularization import Anchor


def _model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))


def _moved(run, start) -> float:
    from safetensors.torch import load_file

    tuned = load_file(run.path / "model" / "model.safetensors")
    names = [n for n in tuned if ".layer." in n and n.endswith("weight") and "Norm" not in n]
    return sum(float((tuned[n] - start[n]).square().sum()) for n in names) ** 0.5


def test_a_held_tuning_ends_nearer_to_its_start(make_recipe, bert) -> None:
    from safetensors.torch import load_file

    start = load_file(bert / "model.safetensors")
    settings = {"epochs": 4, "learning_rate": 5e-3}
    kept = {**settings, "regularization": "l2", "regularization_strength": 1e4}
    free = train(make_recipe("extraction", train=settings))
    freely = _moved(free, start)
    held = train(make_recipe("extraction", train=kept), replace=True)

    assert (free.record.training.best_epoch or 0) > 0
    assert (held.record.training.best_epoch or 0) > 0
    assert _moved(held, start) < 0.7 * freely


def test_the_pull_is_rate_times_strength_of_the_way_and_spares_the_new() -> None:
    model = _model()
    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    settings = TrainSection(precision="fp32", regularization="l2", regularization_strength=100.0)
    anchor = Anchor(model, settings, new_parameters=frozenset({"2.weight"}))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    anchor.pull(model, torch.optim.AdamW(model.parameters(), lr=1e-3))

    gone = {name: p - start[name] for name, p in model.named_parameters()}
    assert torch.allclose(gone["0.weight"], torch.full((8, 8), 0.9), atol=1e-5)
    assert torch.allclose(gone["2.weight"], torch.ones(2, 8), atol=1e-5)


def test_mixout_is_refused_and_its_advice_works(make_recipe, tmp_path) -> None:
    given = {"regularization": "mixout", "regularization_strength": 0.7}
    with pytest.raises(ConfigError, match=r"mixout was removed in burnish 0\.2\.0") as refused:
        train(make_recipe("one", train=given))
    assert "train.regularization=l2 train.regularization_strength=auto" in str(refused.value.hint)

    path = tmp_path / "recipe.yaml"
    write_recipe(make_recipe("one", train=given), path)
    advised = load_recipe(path, ["train.regularization=l2", "train.regularization_strength=auto"])
    assert train(advised).recipe.train.regularization_strength == 1000


def test_a_run_that_was_trained_with_mixout_is_read(make_recipe) -> None:
    run = train(make_recipe("one"))
    recipe, record = run.path / "recipe.yaml", run.path / "record.json"
    before = file_sha256(recipe)
    text = recipe.read_text().replace("regularization: none", "regularization: mixout")
    recipe.write_text(text.replace("regularization_strength: 1.0", "regularization_strength: 0.7"))
    record.write_text(record.read_text().replace(before, file_sha256(recipe)))

    assert read_run(run.path).recipe.train.regularization == "mixout"
