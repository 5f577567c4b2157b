"""A whole training, on tiny models."""

from __future__ import annotations

import json
import shutil
from importlib import metadata

import numpy as np
import pytest
import torch
import yaml

from burnish.data import read_rows
from burnish.errors import BaseModelError, ConfigError, DataError, RunError, UsageError
from burnish.recipe.recipe import load_recipe, parse_recipe
from burnish.run import read_run
from burnish.tasks.encoded import encode_rows
from burnish.training import evaluate_run, load_run_model, train
from burnish.training.loop.epoch_scores import EpochScores
from burnish.training.loop.history import slack_of
from burnish.training.pipeline import tuning
from tests.tiny import tiny_base

KINDS = ("one", "several", "extraction", "qa", "pairs", "path", "branches", "summary")


@pytest.mark.parametrize("method", ["full", "lora"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_task_leaves_a_whole_run(make_recipe, files, kind, method) -> None:
    run = train(make_recipe(kind, method=method))

    again = read_run(run.path)
    rows = read_rows(files[kind], run.recipe.task)
    task = run.record.task
    evaluation = evaluate_run(run, rows)
    assert again == run
    assert evaluation.rows == 60
    assert set(run.metrics) == {
        *(
            "validation",
            "test",
            "baseline",
            "baselines",
            "seeds",
            "history",
            "train",
            "errors",
            "forgetting",
            "bias",
            "subgroups",
            "calibration",
            "abstention",
            "gates",
        )
    }
    assert (run.metrics["baseline"] is None) == (kind in ("extraction", "qa", "summary"))
    reached = run.metrics["validation"]["metrics"][task.main_metric]["value"]
    assert reached == run.metrics["history"][run.record.training.best_epoch or 0]["score"]
    best = max(epoch["score"] for epoch in run.metrics["history"])
    assert reached >= best - slack_of(run.metrics["validation"]["rows"]) - 1e-9
    assert not (run.path / "checkpoints").exists()
    assert not list(run.path.parent.glob(".*partial"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_resolved_recipe_gives_bit_equal_metrics(make_recipe, tmp_path, kind) -> None:
    first = train(make_recipe(kind, method="lora" if kind == "one" else "full"))
    second = train(load_recipe(first.path / "recipe.yaml", [f"output={tmp_path / 'again'}"]))

    assert second.path == tmp_path / "again"
    assert (first.path / "metrics.json").read_bytes() == (second.path / "metrics.json").read_bytes()
    assert all(
        second.record.files[name] == digest
        for name, digest in first.record.files.items()
        if name.endswith(".safetensors")
    )


def test_another_seed_gives_another_model(make_recipe) -> None:
    first = train(make_recipe("extraction"))
    second = train(make_recipe("extraction", train={"seed": 14}), replace=True)

    assert (
        first.record.files["model/model.safetensors"]
        != (second.record.files["model/model.safetensors"])
    )


def test_no_validation_no_training(make_recipe, tmp_path) -> None:
    with pytest.raises(DataError, match="no validation set") as caught:
        train(make_recipe("one", data={"validation": None}))
    assert "data.validation" in caught.value.hint
    assert not (tmp_path / "run").exists()


def test_an_output_that_holds_something_is_refused_before_anything_else(
    make_recipe, tmp_path
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "precious.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(UsageError, match=r"holds no record\.json"):
            train(make_recipe("one", base_model="/nowhere"), replace=replace)
    assert (tmp_path / "run" / "precious.txt").read_text() == "mine"


def test_a_diverging_training_ends_with_a_hint_and_leaves_nothing(make_recipe, tmp_path) -> None:
    with pytest.raises(RunError, match="diverged") as caught:
        train(make_recipe("extraction", train={"learning_rate": 1e30, "head_learning_rate": 1e30}))
    assert "train.learning_rate=auto train.head_learning_rate=auto --fresh" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_run_below_its_probe_says_so_and_is_the_probe(make_recipe) -> None:
    run = train(make_recipe("one", train={"learning_rate": 0.5, "warmup_ratio": 0}))

    assert run.record.training.best_epoch == 0
    assert "probe" in " ".join(run.record.notes)
    assert run.metrics["validation"] == run.metrics["baseline"]["validation"]
    assert run.metrics["test"] == run.metrics["baseline"]["test"]


def test_patience_ends_a_training(make_recipe, monkeypatch) -> None:
    scores = iter([0.9, 0.1, 0.1, 0.1])
    monkeypatch.setattr(
        tuning, "score_epoch", lambda *_, **__: EpochScores(next(scores), train=0.5)
    )
    training = train(make_recipe("one", train={"epochs": 9, "patience": 2})).record.training

    assert (training.epochs, training.epochs_run, training.best_epoch) == (9, 3, 1)


def test_the_log_has_a_line_a_step_and_a_line_an_epoch(make_recipe) -> None:
    run = train(make_recipe("extraction", train={"epochs": 3, "patience": 3}))

    lines = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    steps = [line for line in lines if "step" in line]
    assert [line["step"] for line in steps] == list(range(1, (run.record.training.steps or 0) + 1))
    assert all({"epoch", "loss", "learning_rate", "seconds"} <= set(line) for line in steps)
    assert [line["epoch"] for line in lines if "validation" in line] == [0, 1, 2, 3]


def test_the_learning_rate_warms_up_and_decays(make_recipe) -> None:
    settings = {"epochs": 5, "patience": 5, "warmup_ratio": 0.4}
    run = train(make_recipe("extraction", train=settings))

    lines = [json.loads(line) for line in (run.path / "log.jsonl").read_text().splitlines()]
    rates = [line["learning_rate"] for line in lines if "step" in line]
    top = int(np.argmax(rates))
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[top] == pytest.approx(1e-3)


def test_gradient_accumulation_takes_fewer_steps(make_recipe) -> None:
    settings = {"epochs": 1, "batch_size": 4}
    one = train(make_recipe("extraction", train=settings)).record.training
    two = train(
        make_recipe("extraction", train={**settings, "gradient_accumulation": 2}), replace=True
    ).record.training

    assert two.steps == -(-(one.steps or 0) // 2)


def test_class_weights_are_for_classification(make_recipe) -> None:
    with pytest.raises(ConfigError, match="classification and pairs alone"):
        train(make_recipe("qa", train={"class_weights": "balanced"}))


@pytest.mark.parametrize("kind", ["one", "several"])
def test_class_weights_change_the_model(make_recipe, kind) -> None:
    plain = train(make_recipe(kind))
    weighted = train(make_recipe(kind, train={"class_weights": "balanced"}), replace=True)

    assert plain.metrics["history"] != weighted.metrics["history"]


def test_long_texts_are_read_in_windows(make_recipe, files, tmp_path) -> None:
    run = train(make_recipe("one"))
    task = run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    examples = read_rows(files["one"], task.task).examples
    encodings = encode_rows(task, examples, encoder).encodings

    assert max(len(encoding.windows) for encoding in encodings) > 1
    assert max(len(w) for encoding in encodings for w in encoding.windows) == 32


def test_questions_that_fill_the_window_are_counted_and_named(make_recipe, files, tmp_path) -> None:
    rows = files["qa"].read_text().splitlines()
    long = {**json.loads(rows[0]), "question": "where is my card " * 20}
    more = tmp_path / "rows.jsonl"
    more.write_text("\n".join([*rows, json.dumps(long)]))
    data = {"validation": str(more), "test": None}
    run = train(make_recipe("qa", data={"train": str(more), **data}))

    notes = [note for note in run.record.notes if "half the window" in note]
    assert len(notes) == 2
    assert all("rows.jsonl:61" in note for note in notes)
    assert run.metrics["validation"]["rows"] == 61


def test_an_adapter_refuses_another_base(make_recipe, tmp_path) -> None:
    base = tiny_base(tmp_path / "base", seed=1)
    run = train(make_recipe("one", method="lora", base_model=str(base)))
    load_run_model(run)
    shutil.rmtree(base)
    tiny_base(base, seed=2)

    with pytest.raises(RunError, match="SHA-256"):
        load_run_model(run)


def test_a_window_longer_than_the_model_reads_is_refused(make_recipe) -> None:
    with pytest.raises(BaseModelError, match="at most 130 tokens"):
        train(make_recipe("one", train={"max_length": 256}))


def test_a_stride_without_room_is_refused_before_the_rows_are_read(make_recipe) -> None:
    recipe = make_recipe(
        "one", data={"train": "/nowhere"}, train={"max_length": "auto", "stride": 65}
    )
    with pytest.raises(ConfigError, match=r"train -> stride: 65 .* max_length, 128") as caught:
        train(recipe)
    assert "at most 64" in caught.value.hint


def test_every_installed_package_is_recorded(make_recipe) -> None:
    packages = train(make_recipe("extraction", train={"epochs": 1})).record.packages

    for name in ("burnish", "torch", "onnx", "optimum", "pydantic", "pytest"):
        assert packages[name] == metadata.version(name)
    assert list(packages) == sorted(packages, key=str.casefold)


def test_a_model_is_not_scored_on_labels_it_does_not_know(make_recipe, tmp_path) -> None:
    run = train(make_recipe("one", train={"epochs": 1}))
    (tmp_path / "rows.csv").write_text("text,label\nmy card,billing\nmy login,acess\n")

    with pytest.raises(DataError, match=r"rows\.csv:3: .*'acess'"):
        evaluate_run(run, read_rows(tmp_path / "rows.csv", "classification"))


def test_a_method_that_does_not_exist_is_refused_with_the_nearest(make_recipe) -> None:
    with pytest.raises(ConfigError, match="did you mean lora"):
        train(make_recipe("one", method="lroa"))


def test_settings_of_torch_are_left_as_they_were(make_recipe) -> None:
    train(make_recipe("extraction"))

    assert torch.get_num_threads() == 1
    assert not torch.are_deterministic_algorithms_enabled()


def test_auto_leaves_nothing_open(make_recipe) -> None:
    recipe = make_recipe("one", train={"learning_rate": "auto", "epochs": 1})
    run = train(recipe)

    written = yaml.safe_load((run.path / "recipe.yaml").read_text())
    for section in (
        "pairs",
        "qa",
        "regression",
        "setfit",
        "summary",
        "taxonomy",
    ):  # of other tasks and methods
        del written[section]
    assert ": auto" not in yaml.safe_dump(written)
    assert parse_recipe(run.recipe.model_dump()) == run.recipe
    assert run.recipe.data.train_file.is_absolute()


def test_nothing_is_printed(make_recipe, capfd) -> None:
    train(make_recipe("one", method="lora"))

    assert capfd.readouterr() == ("", "")


def test_who_watches_is_told_every_epoch(make_recipe) -> None:
    told: list[str] = []
    train(make_recipe("one"), notify=told.append)

    assert any(line.startswith("linear probe: validation accuracy") for line in told)
    assert any(line.startswith("epoch 1: validation") for line in told)


@pytest.mark.parametrize("kind", KINDS)
def test_a_data_set_in_the_place_of_a_file_gives_the_same_model(
    make_recipe, files, tmp_path, kind
) -> None:
    lines = [json.loads(line) for line in files[kind].read_text().splitlines()]

    class Lines(list[dict[str, object]]):
        column_names = list(lines[0])
        features: dict[str, object] = {}

    recipe = make_recipe(kind, train={"epochs": 1})
    from_file = train(recipe)
    output = {"output": tmp_path / "again"}
    from_data_set = train(recipe.model_copy(update=output), data=Lines(lines))

    for name in ("validation", "test", "history"):
        assert from_data_set.metrics[name] == from_file.metrics[name]
    part = from_data_set.record.data.parts["validation"]
    assert part.digest == from_file.record.data.parts["validation"].digest
    assert all(name.startswith("train:") for name in part.ids)
