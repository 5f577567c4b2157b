"""Scores in training: the probe, the loss, the cheap rivals, and what a run keeps."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from burnish.data import read_rows
from burnish.evidence.report import read_facts
from burnish.gates import Gate
from burnish.run import read_run
from burnish.tasks import RegressionTask
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.training import train
from burnish.training.evaluation.linear_probe import fit_probe, pooled_vectors, start_head
from burnish.training.evaluation.ridge import RIDGE_STRENGTHS
from burnish.training.loop.loss import loss_for
from burnish.training.tasks.regression import MEDIAN, TASK, TFIDF_RIDGE


@pytest.fixture(scope="module")
def model_and_rows(bert, files):
    examples: Any = read_rows(files["regression"], "regression").examples
    task = RegressionTask.for_examples(examples, max_length=32, stride=8)
    model = build_model(resolve_base(str(bert)), task, pooling="mean", seed=0).module.eval()
    encoder = task.text_encoder(bert / "tokenizer.json")
    return (
        model,
        task,
        encode_rows(task, examples[:40], encoder),
        encode_rows(task, examples[40:], encoder),
    )


def test_the_model_has_one_output_that_transformers_calls_a_regression(model_and_rows) -> None:
    model, *_ = model_and_rows
    assert (model.config.num_labels, model.config.problem_type) == (1, "regression")
    assert dict(model.config.id2label) == {0: "score"}


def test_the_loss_is_the_weighted_squared_error_of_deviations(model_and_rows) -> None:
    _, task, *_ = model_and_rows

    class Output:
        logits = torch.tensor([[1.0], [0.0], [-2.0]])

    targets, weights = torch.tensor([0.0, 0.0, -1.0]), torch.tensor([1.0, 0.5, 0.5])
    assert loss_for(task)(Output(), targets, weights).item() == pytest.approx(1.5 / 2)


def test_the_probe_is_a_ridge_regression_and_the_head_starts_there(model_and_rows) -> None:
    model, task, known, held_out = model_and_rows
    probe = fit_probe(model, task, known, validation=held_out)
    assert probe.strength in RIDGE_STRENGTHS
    vectors = pooled_vectors(model, task, known.encodings)
    scale = np.where(vectors.std(0) < 1e-6, 1.0, vectors.std(0))
    standard = (vectors - vectors.mean(0)) / scale
    targets = [(e.score - task.center) / task.spread for e in known.examples]
    expected = Ridge(alpha=1 / probe.strength).fit(standard, targets).predict(standard)
    assert (vectors @ probe.weight.T + probe.bias)[:, 0] == pytest.approx(expected, abs=1e-4)
    start_head(model, probe)
    encoding = next(e for e in known.encodings if len(e.windows) == 1)
    ids = torch.tensor(encoding.windows[0].input_ids)[None]
    with torch.no_grad():
        found = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    place = known.encodings.index(encoding)
    assert found.item() == pytest.approx(expected[place], abs=1e-3)


def test_a_run_keeps_scores_intervals_and_rivals(make_recipe) -> None:
    run = train(make_recipe("regression", train={"epochs": 2}))
    task = run.record.task
    assert isinstance(task, RegressionTask)
    rows: dict[str, Any] = {
        e.id: e for e in read_rows(run.recipe.data.train_file, "regression").examples
    }
    known = [rows[each].score for each in run.record.data.parts["train"].ids]
    assert task.center == pytest.approx(np.mean(known))
    assert task.spread == pytest.approx(np.std(known))
    assert task.half_width is not None
    assert 0 < task.half_width < 6
    judged = run.metrics["test"]["metrics"]
    assert list(judged) == ["skill", "spearman", "pearson", "mae", "rmse", "coverage"]
    assert judged["spearman"]["value"] > 0.7
    rivals = read_facts(run).rivals
    assert rivals[MEDIAN]["test"].metrics["spearman"].value == 0
    assert rivals[MEDIAN]["test"].metrics["skill"].value < 0.3 < judged["skill"]["value"]
    assert rivals[MEDIAN]["test"].metrics["mae"].value > judged["mae"]["value"]
    assert rivals[TFIDF_RIDGE]["test"].metrics["mae"].value > 0
    gates = {g["name"]: Gate.model_validate(g) for g in run.metrics["gates"]}
    coverage = judged["coverage"]
    assert gates["interval_coverage"].value == coverage["high"]
    assert "calibration" not in run.metrics
    assert not {"rows_per_label", "calibration_error"} & gates.keys()
    report = (run.path / "report.html").read_text(encoding="utf-8")
    assert "the true score lies within ±" in report
    assert "rank correlation" in report
    assert read_run(run.path).recipe.regression.ordinal is False


def test_levels_are_learned_as_numbers_and_judged_as_levels(make_recipe, tmp_path, files) -> None:
    lines = [json.loads(line) for line in files["regression"].read_text().splitlines()]
    path = tmp_path / "levels.jsonl"
    path.write_text("\n".join(json.dumps({**e, "score": min(3, round(e["score"]))}) for e in lines))
    run = train(make_recipe("regression", data={"train": str(path)}, train={"epochs": 1}))
    task = run.record.task
    assert isinstance(task, RegressionTask)
    assert list(task.levels) == [0, 1, 2, 3]
    assert run.recipe.regression.ordinal is True
    judged = run.metrics["test"]
    assert judged["metrics"]["kappa"]["value"] > 0.3
    assert set(judged["labels"]) == {"0", "1", "2", "3"}


def test_too_few_validation_rows_give_no_interval_and_a_failed_gate() -> None:
    assert TASK.figures is not None
    task = RegressionTask()
    judged = type("Judged", (), {"metrics": {"coverage": None}})()
    ((name, value, detail),) = TASK.figures(task, judged, "test")
    assert (name, value) == ("interval_coverage", 0.0)
    assert "9 validation rows" in detail
