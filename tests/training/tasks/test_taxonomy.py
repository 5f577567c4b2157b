"""Labels in a tree, in training: the probe, the loss on validation, what a run keeps."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import burnish
from burnish.data import read_rows
from burnish.data.tree_files import read_tree
from burnish.errors import ConfigError, DataError
from burnish.evidence.report import read_facts
from burnish.run import read_run
from burnish.tasks import TaxonomyTask
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model
from burnish.training import train
from burnish.training.evaluation.linear_probe import fit_probe, pooled_vectors, score_probe
from burnish.training.evaluation.logistic import LogisticFitter
from burnish.training.evaluation.losses import validation_loss
from burnish.training.evaluation.scoring import score_logits
from burnish.training.tasks.taxonomy import FLAT_TFIDF


@pytest.fixture(scope="module")
def model_and_rows(bert, files):
    def make(kind: str, loss: str) -> tuple[Any, TaxonomyTask, Any, Any]:
        rows = read_rows(files[kind], "taxonomy")
        examples: Any = rows.examples
        task = TaxonomyTask.for_examples(
            examples,
            parents=read_tree(files["tree"]).parents,
            multi_label=rows.multi_label,
            loss=loss,
            max_length=32,
            stride=8,
        )
        model = build_model(resolve_base(str(bert)), task, pooling="mean", seed=0).module.eval()
        encoder = task.text_encoder(bert / "tokenizer.json")
        known, held_out = (encode_rows(task, part, encoder) for part in (examples[:40], examples))
        return model, task, known, held_out

    return make


@pytest.mark.parametrize("kind", ["path", "branches"])
@pytest.mark.parametrize("loss", ["conditional", "flat", "levels"])
def test_the_probe_learns_the_choices_that_the_loss_is_made_of(
    model_and_rows, kind: str, loss: str
) -> None:
    model, task, known, held_out = model_and_rows(kind, loss)
    probe = fit_probe(model, task, known, validation=held_out)
    outputs = pooled_vectors(model, task, known.encodings) @ probe.weight.T + probe.bias
    logits = [
        [row.astype(np.float32)] * len(e.windows)
        for row, e in zip(outputs, known.encodings, strict=True)
    ]
    nothing = [
        [np.zeros_like(row)] * len(windows) for row, windows in zip(outputs, logits, strict=True)
    ]
    assert validation_loss(task, known, logits) < validation_loss(task, known, nothing) - 0.1
    plain = score_logits(task, known, nothing).values()["hierarchical_f1"]
    assert score_probe(model, task, probe, known) > plain + 0.1


@pytest.mark.parametrize("kind", ["path", "branches"])
def test_siblings_are_told_apart_among_rows_of_their_parent_alone(model_and_rows, kind) -> None:
    _, task, known, _ = model_and_rows(kind, "conditional")
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(len(known.examples), 5))
    moved = vectors.copy()
    outside = [at for at, e in enumerate(known.examples) if not set(e.labels) & {"money", "parcel"}]
    moved[outside] += 9.0
    inner, roots = (
        [task.tree.index[label] for label in labels]
        for labels in (("money", "parcel"), ("hello", "service"))
    )
    (one, _), (other, _) = (
        LogisticFitter(task, known, each, None).fit(1.0) for each in (vectors, moved)
    )
    assert np.array_equal(one[inner], other[inner])
    assert not np.allclose(one[roots], other[roots])
    assert np.abs(one[inner]).max() > 0.01


def test_a_run_keeps_the_tree_its_scores_and_its_rival(make_recipe, files) -> None:
    run = train(make_recipe("path", train={"epochs": 2}))
    task = run.record.task
    assert isinstance(task, TaxonomyTask)
    assert task.labels == ("hello", "service", "money", "parcel")
    assert run.recipe.taxonomy.loss == "conditional"
    judged = run.metrics["test"]["metrics"]
    assert judged["inconsistent"]["value"] == 0
    assert {"hierarchical_f1", "level_1_f1", "level_2_f1", "error_distance"} <= judged.keys()
    assert set(run.metrics["test"]["labels"]) == set(task.labels)
    assert read_facts(run).rivals[FLAT_TFIDF]["test"].metrics["hierarchical_f1"].value > 0
    report = (run.path / "report.html").read_text(encoding="utf-8")
    assert "F1 of each label together with all that lies under it" in report
    assert "· money" in report
    assert "service > money" in (run.path / "README.md").read_text(encoding="utf-8")
    again = read_run(run.path)
    assert again.recipe.data.taxonomy == files["tree"]
    assert again.record.task == task


def test_a_run_is_scored_on_a_table_without_the_trees_file(make_recipe, tmp_path, files) -> None:
    tree = tmp_path / "tree.csv"
    tree.write_bytes(files["tree"].read_bytes())
    run = train(make_recipe("path", data={"taxonomy": str(tree)}, train={"epochs": 1}))
    tree.unlink()
    table = [{"text": "my parcel order", "label": "parcel"}] * 3
    found = burnish.evaluate(read_run(run.path), table)
    assert set(found.metrics) >= {"hierarchical_f1", "accuracy"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"data": {"taxonomy": None}}, "data -> taxonomy: is missing"),
        ({"task": "classification"}, "the labels of classification lie in no tree"),
        (
            {"train": {"class_weights": "balanced"}},
            "class_weights: balanced is for classification and pairs alone",
        ),
        ({"method": "setfit"}, "labels in a tree have their parents too"),
        ({"train": {"metric": "hierarchical"}}, "did you mean hierarchical_f1"),
    ],
)
def test_what_does_not_go_with_a_tree_is_refused(make_recipe, tmp_path, keys, message) -> None:
    with pytest.raises(ConfigError, match=message):
        train(make_recipe("path", **keys))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ("child,parent\nmoney,service\nparcel,service\n", "'hello' is not in the taxonomy"),
        ("child,parent\nmoney,parcel\nparcel,money\nhello,\n", "cycle: money -> parcel -> money"),
        ("child,parent\nmoney,service\nmoney,hello\n", "'money' has two parents"),
    ],
)
def test_a_wrong_tree_leaves_nothing_behind(make_recipe, tmp_path, tree, message) -> None:
    path = tmp_path / "tree.csv"
    path.write_text(tree)
    with pytest.raises(DataError, match=message):
        train(make_recipe("path", data={"taxonomy": str(path)}))
    assert not (tmp_path / "run").exists()


def test_validation_may_name_inner_labels_that_no_training_row_names(
    make_recipe, tmp_path, files
) -> None:
    lines = [json.loads(line) for line in files["path"].read_text().splitlines()]
    inner = [{**each, "text": f"{each['text']} again"} for each in lines]
    parts = {
        "train": [each for each in lines if each["label"] != "service"],
        "validation": [each for each in inner if each["label"] == "service"] + inner[:20],
    }
    paths = {name: tmp_path / f"{name}.jsonl" for name in parts}
    for name, rows in parts.items():
        paths[name].write_text("\n".join(map(json.dumps, rows)))
    data = {name: str(path) for name, path in paths.items()} | {"test": None}
    run = train(make_recipe("path", data=data, train={"epochs": 1}))
    assert run.metrics["validation"]["labels"]["service"]["support"] > 5


def test_the_gate_of_rows_per_label_counts_a_row_for_all_above_its_label(
    make_recipe, tmp_path, files
) -> None:
    lines = [json.loads(line) for line in files["path"].read_text().splitlines()]
    inner = [each for each in lines if each["label"] == "service"]
    leaves = [each for each in lines if each["label"] != "service"]
    train_rows, validation = tmp_path / "train.jsonl", tmp_path / "validation.jsonl"
    train_rows.write_text("\n".join(map(json.dumps, [*leaves, inner[0]])))
    validation.write_text("\n".join(map(json.dumps, inner[1:])))
    data = {"train": str(train_rows), "validation": str(validation), "test": None}
    run = train(make_recipe("path", data=data, train={"epochs": 1}))
    (gate,) = (each for each in run.metrics["gates"] if each["name"] == "rows_per_label")
    fewest = sum(each["label"] == "money" for each in leaves)
    assert (gate["value"], "'money'" in gate["detail"]) == (fewest, True)
