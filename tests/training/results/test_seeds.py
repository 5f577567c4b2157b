"""Seeds are a unit: each is trained, they are compared, and the best is the run's model."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from unittest.mock import Mock

import pytest
import torch

from burnish.errors import DivergedError, StoppedError
from burnish.lock import training_place
from burnish.recipe.recipe import Recipe
from burnish.torch_models.base import resolve_base
from burnish.torch_models.checkpoint import load_run_model
from burnish.training import train
from burnish.training.data.splits import encode_parts, read_split
from burnish.training.evaluation.scoring import answer_model
from burnish.training.loop.history import Epoch, History, slack_of
from burnish.training.loop.loop import TrainingLoop
from burnish.training.pipeline.defaults import resolve_recipe
from burnish.training.results.averaging import WeightAverage
from burnish.training.results.seeds import train_seeds
from burnish.training.results.tuned import Tuned
from tests.training.sameness import differing

SETTINGS = {"seeds": 3, "epochs": 1, "batch_size": 16}


@pytest.fixture
def recipe(make_recipe) -> Recipe:
    made: Recipe = make_recipe("extraction", train=SETTINGS)
    return made


def test_the_best_on_validation_is_the_run(recipe, make_recipe, tmp_path) -> None:
    run = train(recipe)

    seeds = run.metrics["seeds"]
    by_seed = {each["seed"]: each for each in seeds["runs"]}
    assert list(by_seed) == [13, 14, 15]
    best = max(by_seed.values(), key=lambda each: each["validation"])
    assert seeds["kept"] == best["seed"] == run.record.training.seed_kept
    assert run.record.training.seeds == (13, 14, 15)
    for part in ("validation", "test"):
        assert run.metrics[part]["metrics"]["f1"]["value"] == best[part]
        scores = [each[part] for each in by_seed.values()]
        assert seeds["summary"][part]["mean"] == pytest.approx(sum(scores) / 3)
        assert seeds["summary"][part]["min"] == min(scores)
    assert "### By seed (f1)" in (run.path / "README.md").read_text()


def test_rows_that_the_seeds_answer_otherwise_are_named_without_their_text(recipe, files) -> None:
    run = train(recipe)

    differing_rows = run.metrics["seeds"]["differing"]["validation"]
    assert differing_rows["share"] == differing_rows["rows"] / run.metrics["validation"]["rows"]
    assert differing_rows["rows"] == len(differing_rows["ids"]) > 0
    assert set(differing_rows["ids"]) <= set(run.record.data.parts["validation"].ids)
    texts = [json.loads(line)["text"] for line in files["extraction"].read_text().splitlines()]
    assert not any(text in (run.path / "metrics.json").read_text() for text in texts)


def test_every_seed_has_the_split_of_the_first_and_one_probe(make_recipe) -> None:
    told: list[str] = []
    run = train(make_recipe("one", train={**SETTINGS, "seeds": 2}), notify=told.append)
    alone = train(make_recipe("one", train={**SETTINGS, "seeds": 1}), replace=True)

    assert sum("fitting the linear probe" in line for line in told) == 1
    assert run.record.data == alone.record.data
    assert run.metrics["seeds"]["runs"][0] == alone.metrics["seeds"]["runs"][0]


@pytest.mark.parametrize("pooling", ["mean", "native"])  # natively it stands on a random layer
def test_the_probe_is_scored_once_for_all_seeds(make_recipe, monkeypatch, pooling) -> None:
    from burnish.training.pipeline import tuning

    scored = Mock(wraps=tuning.score_model)
    monkeypatch.setattr(tuning, "score_model", scored)
    run = train(make_recipe("one", train={**SETTINGS, "seeds": 2}, pooling=pooling))
    average = bool(run.record.training.seeds_averaged)
    assert scored.call_count == 3 + average  # the probe, and each seed's model


@pytest.mark.parametrize("step", [2, 5])
def test_an_interrupted_training_goes_on_with_the_seed_it_was_at(
    make_recipe, recipe, monkeypatch, tmp_path, step
) -> None:
    undisturbed = train(make_recipe("extraction", train=SETTINGS, output=str(tmp_path / "other")))
    take, taken = TrainingLoop._step, iter(range(1, 1000))

    def taking(self, batches):
        if next(taken) == step:
            os.kill(os.getpid(), signal.SIGTERM)
        return take(self, batches)

    monkeypatch.setattr(TrainingLoop, "_step", taking)
    with pytest.raises(StoppedError):
        train(recipe)
    begun = sorted(path.name for path in training_place(recipe.output).glob("seed-*"))
    assert begun == ["seed-13", "seed-14"][: 1 if step == 2 else 2]

    assert differing(train(recipe).path, undisturbed.path) == []


def test_the_run_is_the_average_of_what_the_seeds_reached_from_one_start(make_recipe) -> None:
    told: list[str] = []
    slow = {"learning_rate": 1e-5, "head_learning_rate": 1e-5}  # so that no seed stays the probe
    recipe = make_recipe("one", train={**SETTINGS, **slow, "seeds": 2}, pooling="mean")
    run = train(recipe, notify=told.append)

    assert run.record.training.seeds_averaged == (13, 14)
    assert run.metrics["seeds"]["averaged"] == [13, 14]
    (said,) = [line for line in told if line.startswith("average of the seeds: validation")]
    reached = run.metrics["validation"]["metrics"]["accuracy"]["value"]
    assert f"accuracy {reached:.4f}" in said
    parts = encode_parts(run.record.task, read_split(run.recipe), run.path / "model/tokenizer.json")
    again = answer_model(load_run_model(run), run.record.task, parts.validation)
    assert again.evaluate(run.record.task).values()["accuracy"] == reached
    assert "Seeds, their weights averaged: 13, 14" in (run.path / "README.md").read_text()


@pytest.mark.parametrize(
    ("task", "method", "pooling"),
    [("one", "lora", "auto"), ("one", "full", "native"), ("extraction", "full", "auto")],
)
def test_the_seeds_start_with_the_same_new_weights(make_recipe, monkeypatch, task, method, pooling):
    starts = []
    begin = TrainingLoop.__init__

    def beginning(self, model, *args, **kwargs):
        begin(self, model, *args, **kwargs)
        starts.append({name: tensor.clone() for name, tensor in model.state_dict().items()})

    monkeypatch.setattr(TrainingLoop, "__init__", beginning)
    train(make_recipe(task, train={**SETTINGS, "seeds": 2}, method=method, pooling=pooling))
    one, other = starts
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_an_average_is_every_weights_mean() -> None:
    models = [torch.nn.Linear(3, 2) for _ in range(3)]
    average = WeightAverage()
    for seed, model in enumerate(models):
        average.add(seed, model)
    mean = torch.stack([model.weight for model in models]).mean(0)
    averaged = average.model(models[0])
    assert isinstance(averaged, torch.nn.Linear)
    assert torch.allclose(averaged.weight, mean)
    assert average.seeds == (0, 1, 2)
    assert not torch.allclose(models[0].weight, mean)


@pytest.mark.parametrize(("together", "averaged"), [(0.72, (0, 1)), (0.68, ())])
def test_an_average_that_loses_more_than_chance_is_not_kept(together, averaged) -> None:
    # Their mean is 0.8; of 20 rows two answers are 0.1.
    good, close = _tuned(0.5, 0.9), _tuned(0.5, 0.7)
    tried = _tuned(0.5, together)

    def average(weights: WeightAverage, seed: int, like: Tuned) -> Tuned:
        assert (weights.seeds, seed, like) == ((0, 1), 0, good)
        return tried

    run, seeds = train_seeds(
        range(2), lambda seed: (good, close)[seed], average=average, say=lambda _: None
    )
    assert run is (tried if averaged else good)
    assert (seeds.averaged, seeds.kept) == (averaged, 0)


def test_a_seed_that_learned_stands_before_one_that_stayed_the_probe() -> None:
    probe, learned = _tuned(0.9, 0.5), _tuned(0.5, 0.85)
    run, seeds = train_seeds(
        range(2), lambda seed: (probe, learned)[seed], average=_no_average, say=lambda _: None
    )
    assert run is learned
    assert seeds.kept == 1


def test_three_seeds_below_2000_rows(make_recipe) -> None:
    recipe = make_recipe("one", train={"seeds": "auto"})
    base = resolve_base(recipe.base_model)
    assert resolve_recipe(recipe, base, rows=1999).train.seeds == 3
    assert resolve_recipe(recipe, base, rows=2000).train.seeds == 1


class _Score:
    """An evaluation of which only the main metric and its interval are asked."""

    def __init__(self, value: float) -> None:
        from burnish.tasks.evaluation import Interval

        self.metrics = {"accuracy": Interval(value, value - 0.05, value + 0.05)}
        self.rows = 10

    def values(self) -> dict[str, float]:
        return {"accuracy": self.metrics["accuracy"].value}


def _tuned(start: float, reached: float) -> Tuned:
    from burnish.tasks import ClassificationTask
    from burnish.tasks.answered import Answered
    from burnish.training.evaluation.calibration import Trust

    epochs = [Epoch(0, start, start, None, 0.0), Epoch(1, reached, reached, 1.0, 1.0)]
    score = _Score(max(start, reached))
    task = ClassificationTask(labels=("a", "b"))
    return Tuned(
        model=torch.nn.Linear(1, 1),
        built=None,  # type: ignore[arg-type]
        task=task,
        history=History(epochs, 1, slack_of(20)),
        evaluations={"validation": score},  # type: ignore[dict-item]
        baseline={},
        probe=None,
        answers={"validation": Answered((), ())},
        trust=Trust(task=task, documents={}, promise=None),
        starts_unchanged=True,
        train_score=reached,
    )


def _no_average(*_: object) -> Tuned:
    raise AssertionError("fewer than two of these seeds learned something")


def _flags(outcomes: Sequence[Tuned | None]) -> list[str | None]:
    def tune(seed: int) -> Tuned:
        outcome = outcomes[seed]
        if outcome is None:
            raise DivergedError("the training diverged: the loss is nan at step 3")
        return outcome

    _, seeds = train_seeds(
        range(len(outcomes)), tune, average=lambda _, __, like: like, say=lambda _: None
    )
    return [run.flag for run in seeds.runs]


def test_a_run_that_went_wrong_is_flagged() -> None:
    good, close = _tuned(0.5, 0.9), _tuned(0.5, 0.81)
    assert _flags([good, close]) == [None, None]
    assert _flags([good, _tuned(0.5, 0.79)]) == [None, "far below the best"]
    assert _flags([_tuned(0.85, 0.84), good]) == ["below its start", None]
    assert _flags([None, good, None]) == ["not a number", None, "not a number"]


def test_where_every_seed_diverges_the_training_ends(make_recipe) -> None:
    with pytest.raises(DivergedError):
        _flags([None, None])
    rates = {"learning_rate": 1e30, "head_learning_rate": 1e30, "seeds": 2}
    with pytest.raises(DivergedError, match="diverged"):
        train(make_recipe("extraction", train=rates))
