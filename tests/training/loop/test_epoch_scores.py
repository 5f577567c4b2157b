"""The distance between train and validation, epoch by epoch."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.windows import Encoding, Window
from burnish.torch_models.build import build_model
from burnish.training import load_run_model, train
from burnish.training.data.splits import encode_parts, make_task, read_split
from burnish.training.evaluation.scoring import answer_model
from burnish.training.loop import epoch_scores
from burnish.training.loop.epoch_scores import score_epoch
from burnish.training.loop.history import Epoch, History, best_of, slack_of
from burnish.training.pipeline.preparation import prepare


@pytest.mark.parametrize("kind", ["one", "several", "extraction", "qa"])
def test_every_epoch_is_scored_on_train_too(make_recipe, kind) -> None:
    run = train(make_recipe(kind))

    history = run.metrics["history"]
    lines = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    logged = [line["train"] for line in lines if "validation" in line]
    assert [epoch["train_score"] for epoch in history] == logged
    assert len(logged) == (run.record.training.epochs_run or 0) + 1


def test_the_gap_is_that_of_the_epoch_that_was_kept(make_recipe) -> None:
    run = train(make_recipe("one", train={"seeds": 2}))

    kept = run.metrics["history"][run.record.training.best_epoch]
    (gap,) = [g for g in run.metrics["gates"] if g["name"] == "train_validation_gap"]
    assert gap["value"] == kept["train_score"] - kept["score"]
    assert run.metrics["train"]["score"] == kept["train_score"]


@pytest.mark.parametrize("kind", ["one", "extraction"])
def test_what_is_recorded_is_what_the_run_reaches_on_those_rows(make_recipe, kind) -> None:
    run = train(make_recipe(kind, method="full"))

    split = read_split(run.recipe)
    task = run.record.task
    parts = encode_parts(task, split, run.path / "model" / "tokenizer.json")
    sample = parts.train_sample(seed=run.recipe.train.seed)
    again = answer_model(load_run_model(run), task, sample).evaluate(task)
    assert run.metrics["train"]["rows"] == len(sample) == len(parts.validation)
    assert again.values()[task.main_metric] == run.metrics["train"]["score"]


def test_a_run_by_pairs_is_scored_by_its_probe(make_recipe) -> None:
    run = train(make_recipe("one", method="setfit"))

    split = read_split(run.recipe)
    task = run.record.task
    parts = encode_parts(task, split, run.path / "model" / "tokenizer.json")
    sample = parts.train_sample(seed=run.recipe.train.seed)
    again = (
        answer_model(load_run_model(run), task, sample).evaluate(task).values()[task.main_metric]
    )
    assert again == pytest.approx(run.metrics["train"]["score"])


def test_scoring_draws_no_random_number_and_changes_no_weight(make_recipe) -> None:
    base, split, recipe = prepare(make_recipe("qa"), None)
    task = make_task(recipe, split, base)
    parts = encode_parts(task, split, base.path / "tokenizer.json")
    model = build_model(base, task, pooling="native", seed=0).module
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.random.get_rng_state()

    score_epoch(model, task, validation=parts.validation, sample=parts.train_sample(seed=13))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in before.items())


def test_the_sample_depends_on_the_seed_alone_and_is_capped(make_recipe, monkeypatch) -> None:
    base, split, recipe = prepare(make_recipe("one"), None)
    task = make_task(recipe, split, base)
    parts = encode_parts(task, split, base.path / "tokenizer.json")

    assert parts.train_sample(seed=1) == parts.train_sample(seed=1)
    assert parts.train_sample(seed=1) != parts.train_sample(seed=2)
    monkeypatch.setattr("burnish.training.data.splits._TRAINING_ROWS", 4)
    assert len(parts.train_sample(seed=1)) == 4


@pytest.mark.parametrize(("metric", "kept"), [("accuracy", 1), ("macro_f1", 2)])
def test_the_metric_chooses_the_epoch(monkeypatch, metric, kept) -> None:
    """Of 9 rows without and 1 with the rare label, epoch 1 finds none; epoch 2 says it thrice."""
    task = ClassificationTask(labels=("frequent", "rare"), metric=metric)
    labels = ["frequent"] * 9 + ["rare"]
    examples = tuple(
        ClassificationExample(id=str(index), text="a", labels=(label,))
        for index, label in enumerate(labels)
    )
    window = Window(np.zeros(3, dtype=int), np.zeros(3, dtype=int), start=0, stop=1, prefix=1)
    encoding = Encoding(
        tokens=1,
        unknown=0,
        offsets=np.zeros((0, 2), dtype=int),
        words=np.zeros(0, dtype=int),
        windows=(window,),
    )
    rows = EncodedRows(examples, ("a",) * 10, (encoding,) * 10)
    history = []
    for epoch, rare in ((0, [0, 1, 2, 3, 4, 5]), (1, []), (2, [0, 1, 9])):
        logits = [[np.array([0, 1 if i in rare else -1], dtype=np.float32)] for i in range(10)]
        monkeypatch.setattr(epoch_scores, "shared_logits", lambda *_, given=logits: given)
        scores = score_epoch(nn.Identity(), task, validation=rows, sample=rows)
        history.append(Epoch(epoch, scores.validation, scores.train, None, 0.0))
    assert best_of(history).epoch == kept


def _history(*scores: float, rows: int = 0) -> History:
    epochs = [Epoch(number, score, score, None, 0.0) for number, score in enumerate(scores)]
    return History(epochs, slack=slack_of(rows) if rows else 0.0)


def test_a_tie_goes_to_the_later_epoch_and_never_to_the_start() -> None:
    assert _history(0.8, 0.8).best.epoch == 1
    assert _history(0.7, 0.8, 0.8, 0.7).best.epoch == 2
    assert _history(0.8, 0.7).best.epoch == 0


def test_two_validation_answers_say_nothing() -> None:
    """Of 50 rows an answer is 0.02: the first loses two against the best, the second three."""
    assert _history(0.7, 0.9, 0.86, rows=50).best.epoch == 2
    assert _history(0.7, 0.9, 0.84, rows=50).best.epoch == 1
    assert _history(0.9, 0.86, rows=50).best.epoch == 1
    assert _history(0.9, 0.84, rows=50).best.epoch == 0


def test_an_epoch_is_stale_once_it_loses_more_than_chance() -> None:
    assert _history(0.9, 0.88, 0.86, rows=50).stale_since(0) == 0
    assert _history(0.7, 0.9, 0.84, 0.82, rows=50).stale_since(0) == 2


def test_a_training_is_judged_by_the_metric_of_its_recipe(make_recipe) -> None:
    run = train(make_recipe("one", train={"metric": "macro_f1"}))

    task, history = run.record.task, run.metrics["history"]
    assert task.main_metric == task.summary_metrics[0] == run.recipe.train.metric == "macro_f1"
    kept = history[run.record.training.best_epoch or 0]
    validation = run.metrics["validation"]["metrics"]["macro_f1"]["value"]
    assert kept["score"] == pytest.approx(validation)
    told = [g["detail"] for g in run.metrics["gates"] if g["name"].startswith("beats_")]
    assert told
    assert all("macro_f1" in detail for detail in told)
    assert train(make_recipe("one"), replace=True).record.task.metric == "accuracy"
