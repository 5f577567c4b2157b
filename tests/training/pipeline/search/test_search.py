"""Search: trials on validation alone, that go on after a stop, and the best recipe."""

from __future__ import annotations

import errno
import math
import os
import signal
import sys
from pathlib import Path

import pytest

from burnish.errors import ConfigError, MissingExtraError, RunError, StoppedError, UsageError
from burnish.recipe.recipe import load_recipe, parse_recipe
from burnish.training import train
from burnish.training.loop.loop import TrainingLoop
from burnish.training.pipeline.search import Found, TrialResult, search
from burnish.training.pipeline.search.trials import Trials

RANGES = {
    "train.learning_rate": {"low": "1e-4", "high": "1e-2", "log": True},
    "train.epochs": [1, 2],
}


@pytest.fixture
def recipe(make_recipe):
    return make_recipe("one", search={"ranges": RANGES})


def test_the_best_on_validation_is_written_whole(recipe, tmp_path) -> None:
    found = search(recipe, tmp_path / "search", trials=3)
    assert [each.outcome for each in found.trials] == ["done"] * 3
    scores = [each.score or 0.0 for each in found.trials]
    assert scores == sorted(scores, reverse=True)
    assert found.metric == "accuracy"
    best = load_recipe(found.recipe)
    assert best.train.learning_rate == found.best.values["train.learning_rate"]
    assert 1e-4 <= float(best.train.learning_rate) <= 1e-2
    assert best.train.epochs in (1, 2)
    assert best.search.trials == 3
    assert (best.data, best.output) == (recipe.data, recipe.output)
    run = train(best)
    assert run.metrics["validation"]["metrics"]["accuracy"]["value"] == found.best.score
    card = (run.path / "README.md").read_text()
    assert "the best of 3 trials" in card
    assert not list((tmp_path / "search").glob(".trial*"))


def test_no_trial_reads_the_test_rows(make_recipe, tmp_path) -> None:
    recipe = make_recipe(
        "one", data={"test": str(tmp_path / "none.csv")}, search={"ranges": RANGES}
    )
    found = search(recipe, tmp_path / "search", trials=1)
    assert load_recipe(found.recipe).data.test == tmp_path / "none.csv"


@pytest.mark.parametrize("step", [1, 4])
def test_a_search_that_was_stopped_ends_as_one_that_was_not(
    recipe, tmp_path, monkeypatch, step
) -> None:
    recipe = recipe.model_copy(update={"train": recipe.train.model_copy(update={"batch_size": 16})})
    undisturbed = search(recipe, tmp_path / "undisturbed", trials=3)
    take, taken = TrainingLoop._step, iter(range(1, 1000))

    def taking(self, batches):
        if next(taken) == step:
            os.kill(os.getpid(), signal.SIGTERM)
        return take(self, batches)

    monkeypatch.setattr(TrainingLoop, "_step", taking)
    with pytest.raises(StoppedError):
        search(recipe, tmp_path / "search", trials=3)
    found = search(recipe, tmp_path / "search", trials=3)
    assert (found.trials, found.best) == (undisturbed.trials, undisturbed.best)


def test_a_search_goes_on_to_more_trials(recipe, tmp_path) -> None:
    first = search(recipe, tmp_path / "search", trials=1)
    again = search(recipe, tmp_path / "search", trials=1)
    assert again.trials == first.trials
    more = search(recipe, tmp_path / "search", trials=2)
    assert first.best in more.trials
    assert len(more.trials) == 2
    assert load_recipe(more.recipe).search.trials == 2


def test_a_trial_behind_the_others_is_stopped(recipe, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("optuna.trial.Trial.should_prune", lambda trial: trial.number == 1)
    found = search(recipe, tmp_path / "search", trials=2)
    assert [each.outcome for each in found.trials] == ["done", "stopped early"]
    assert not list((tmp_path / "search").glob(".trial*"))


def test_a_trial_that_cannot_be_trained_is_told(make_recipe, tmp_path) -> None:
    ranges = {"method": ["full", "setfit"]}  # which knows no entities
    recipe = make_recipe("extraction", train={"epochs": 1}, search={"ranges": ranges})
    told: list[str] = []
    found = search(recipe, tmp_path / "search", trials=4, notify=told.append)
    failed = [each for each in found.trials if each.outcome == "failed"]
    assert failed
    assert found.best.values == {"method": "full"}
    assert all("setfit" in each.why for each in failed)
    assert any("failed: " in line for line in told)


def test_a_full_disk_is_no_fault_of_a_trial(recipe, tmp_path, monkeypatch) -> None:
    take, full = TrainingLoop._step, [True]

    def taking(self, batches):
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return take(self, batches)

    monkeypatch.setattr(TrainingLoop, "_step", taking)
    with pytest.raises(RunError, match="there is no room"):
        search(recipe, tmp_path / "search", trials=2)
    full.clear()
    found = search(recipe, tmp_path / "search", trials=2)
    assert [each.outcome for each in found.trials] == ["done", "done"]


def test_a_file_is_no_directory_for_trials(recipe, tmp_path) -> None:
    (tmp_path / "search").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        search(recipe, tmp_path / "search", trials=1)


def test_where_every_trial_fails_there_is_no_recipe(make_recipe, tmp_path, monkeypatch) -> None:
    recipe = make_recipe("extraction", search={"ranges": {"method": ["setfit", "setfit"]}})
    with pytest.raises(RunError, match="none of 2 trials could be trained"):
        search(recipe, tmp_path / "search", trials=2)
    assert not (tmp_path / "search" / "best.yaml").exists()


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ({}, "nothing to try"),
        ({"train.epochs": [0, 3]}, "train -> epochs"),
        ({"train.epoch": [1, 3]}, "unknown key; did you mean epochs"),
        ({"train.learning_rate": {"low": -1.0, "high": 1.0}}, "train -> learning_rate"),
    ],
)
def test_ranges_of_what_a_key_cannot_be_are_refused(make_recipe, tmp_path, ranges, said) -> None:
    recipe = make_recipe("one", search={"ranges": ranges})
    with pytest.raises(ConfigError, match=said):
        search(recipe, tmp_path / "search", trials=2)
    assert not (tmp_path / "search").exists()


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        ({"data.train": ["a.csv", "b.csv"]}, "data.train cannot be searched"),
        ({"train.seed": [1, 2]}, "train.seed cannot be searched"),
        ({"train.metric": ["accuracy", "macro_f1"]}, "train.metric cannot be searched"),
        ({"train.epochs": {"low": 3, "high": 3}}, "low must be less than high"),
        ({"train.epochs": {"low": 0, "high": 3, "log": True}}, "low must be above 0"),
        ({"train.epochs": [3]}, "a list of two values or more"),
        ({"train.epochs": 3}, "search -> ranges -> train.epochs: must be a list"),
    ],
)
def test_what_is_no_range_is_refused(make_recipe, ranges, said) -> None:
    with pytest.raises(ConfigError, match=said):
        make_recipe("one", search={"ranges": ranges})


def test_a_directory_holds_one_search(recipe, make_recipe, tmp_path) -> None:
    search(recipe, tmp_path / "search", trials=1)
    other = make_recipe("one", train={"batch_size": 4}, search={"ranges": RANGES})
    with pytest.raises(RunError, match=r"begun with other inputs: train\.batch_size"):
        search(other, tmp_path / "search", trials=2)


def test_a_file_that_is_no_search_is_left_alone(recipe, tmp_path) -> None:
    file = tmp_path / "search" / "trials.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"my diary" * 200)
    with pytest.raises(RunError, match="or not the file of a search"):
        search(recipe, tmp_path / "search", trials=1)
    assert file.read_bytes() == b"my diary" * 200


def test_without_optuna_the_extra_is_named(recipe, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError) as caught:
        search(recipe, tmp_path / "search", trials=1)
    assert "burnish[search]" in caught.value.hint


def test_the_best_of_many_is_too_good_by_chance() -> None:
    def found(count: int) -> Found:
        trial = TrialResult({}, "done", 0.8, 0.75, 0.85)
        return Found("accuracy", trial, (trial,) * count, Path("best.yaml"))

    deviation = 0.1 / (2 * 1.96)
    assert found(1).optimism == 0
    assert found(20).optimism == pytest.approx(deviation * math.sqrt(2 * math.log(20)))


def test_values_are_drawn_from_their_ranges(tmp_path) -> None:
    ranges = parse_recipe(
        {
            "task": "classification",
            "data": {"train": "rows.csv"},
            "output": "run",
            "search": {
                "ranges": {
                    "train.epochs": {"low": 2, "high": 5},
                    "train.warmup_ratio": {"low": 0.0, "high": 0.5},
                    "method": ["full", "lora"],
                }
            },
        }
    ).search.ranges
    trials = Trials(tmp_path / "t.sqlite", ranges, seed=1, basis={})
    drawn = []
    for _ in range(12):
        trial, values, place = trials.ask()
        drawn.append(values)
        trials.done(trial, 0.5, low=0.4, high=0.6)
        assert place == f"trial-{len(drawn)}"
    assert {each["train.epochs"] for each in drawn} <= {2, 3, 4, 5}
    assert all(isinstance(each["train.epochs"], int) for each in drawn)
    assert all(0 <= each["train.warmup_ratio"] <= 0.5 for each in drawn)
    assert {each["method"] for each in drawn} == {"full", "lora"}
