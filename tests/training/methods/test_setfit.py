"""A whole training by pairs, on tiny models."""

from __future__ import annotations

import json

import pytest
from safetensors.torch import load_file

from burnish.data import read_rows
from burnish.errors import ConfigError
from burnish.recipe.recipe import load_recipe
from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.base import resolve_base
from burnish.training import evaluate_run, train
from burnish.training.methods.label_names import with_label_names, written_out
from tests.tiny import tiny_base

_WEIGHTS = "model/encoder/model.safetensors"


def test_a_run_by_pairs_is_whole(make_recipe, files) -> None:
    run = train(make_recipe("one", method="setfit"))

    evaluation = evaluate_run(run, read_rows(files["one"], "classification"))
    history = run.metrics["history"]
    assert run.record.method == "setfit"
    assert run.metrics["baseline"]["name"] == "linear probe"
    assert run.metrics["validation"]["metrics"]["accuracy"]["value"] == pytest.approx(
        max(epoch["score"] for epoch in history)
    )
    assert [epoch["epoch"] for epoch in history] == list(range(len(history)))
    assert len(history) > 1
    assert evaluation.metrics["accuracy"].value > 0.5
    assert run.record.training.parameters_trained == run.record.training.parameters


@pytest.mark.parametrize("options", [{}, {"loss": "cosine", "sampling": "oversampling"}])
def test_the_resolved_recipe_gives_bit_equal_metrics(make_recipe, tmp_path, options) -> None:
    first = train(make_recipe("one", method="setfit", setfit=options))
    second = train(load_recipe(first.path / "recipe.yaml", [f"output={tmp_path / 'again'}"]))

    assert (first.path / "metrics.json").read_bytes() == (second.path / "metrics.json").read_bytes()
    assert first.record.files[_WEIGHTS] == second.record.files[_WEIGHTS]


def test_the_frozen_probe_stays_where_every_epoch_is_worse(make_recipe) -> None:
    settings = {"learning_rate": 0.5, "patience": 1}
    pairs = {"use_label_names": "never", "weight_ensemble": 1.0}
    recipe = make_recipe("one", method="setfit", train=settings, setfit=pairs)
    run = train(recipe)

    assert run.record.training.best_epoch == 0
    assert run.metrics["validation"] == run.metrics["baseline"]["validation"]
    assert run.metrics["test"] == run.metrics["baseline"]["test"]


def test_an_encoder_without_a_declared_pooling_takes_the_mean(make_recipe, tmp_path) -> None:
    base = tiny_base(tmp_path / "base", checkpoint="mlm")
    run = train(make_recipe("one", method="setfit", base_model=str(base), train={"epochs": 1}))

    assert run.recipe.pooling == run.record.pooling == "mean"


@pytest.mark.parametrize("pooling", ["cls", "native"])
def test_other_poolings_are_tuned_as_asked(make_recipe, pooling) -> None:
    recipe = make_recipe("one", method="setfit", pooling=pooling, train={"epochs": 1})

    assert train(recipe).record.pooling == pooling


@pytest.mark.parametrize("kind", ["several", "extraction", "qa"])
def test_what_has_no_classes_of_texts_is_refused_before_training(
    make_recipe, tmp_path, kind
) -> None:
    with pytest.raises(ConfigError, match="setfit"):
        train(make_recipe(kind, method="setfit"))
    assert not (tmp_path / "run").exists()


def test_the_loss_of_every_step_is_logged(make_recipe) -> None:
    run = train(make_recipe("one", method="setfit"))

    lines = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if "step" in line]
    assert len(losses) == (run.record.training.steps or 0) > 0


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("card_arrival", "card arrival"),
        ("reverted_card_payment?", "reverted card payment"),
        ("EvidenceSentence", "Evidence Sentence"),
        ("Änderung-Adresse", "Änderung Adresse"),
        ("???", ""),
    ],
)
def test_a_label_is_written_out(label, text) -> None:
    assert written_out(label) == text


def test_the_labels_of_the_rows_are_rows_and_unreadable_ones_are_not(bert) -> None:
    labels = ("card_late", "never_seen", "??")
    task = ClassificationTask(labels=labels, max_length=32, stride=8)
    examples = [
        ClassificationExample(id=f"rows:{i}", text="my card", labels=(label,))
        for i, label in enumerate(("card_late", "card_late", "??"))
    ]
    encoder = task.text_encoder(resolve_base(str(bert)).path / "tokenizer.json")
    rows = with_label_names(task, encode_rows(task, examples, encoder), encoder)

    (added,) = rows.examples[3:]
    assert isinstance(added, ClassificationExample)
    assert added.text == "card late"
    assert rows.inputs[3:] == ("card late",)
    assert len(rows.encodings) == len(rows.examples) == 4


def test_frozen_layers_stay_as_they_were(make_recipe, bert) -> None:
    settings = {"freeze": 1, "epochs": 3, "patience": 3, "learning_rate": 3e-2}
    recipe = make_recipe("one", method="setfit", setfit={"weight_ensemble": 1}, train=settings)
    run = train(recipe)

    start, tuned = load_file(bert / "model.safetensors"), load_file(run.path / _WEIGHTS)
    low, high = "encoder.layer.0.output.dense.weight", "encoder.layer.1.output.dense.weight"
    assert tuned[low].equal(start[f"bert.{low}"])
    assert tuned[high].equal(start[f"bert.{high}"]) == (run.record.training.best_epoch == 0)
    assert len(run.metrics["history"]) == 4


def test_nothing_left_to_tune_is_refused(make_recipe) -> None:
    with pytest.raises(ConfigError, match="train -> freeze: 2 layers"):
        train(make_recipe("one", method="setfit", train={"freeze": 2}))


def test_gradual_unfreezing_is_refused(make_recipe) -> None:
    with pytest.raises(ConfigError, match="unfreezing"):
        train(make_recipe("one", method="setfit", train={"gradual_unfreezing": True}))
