"""A base's head is kept where it names the labels of the task, in the order of the task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from burnish.tasks import ClassificationTask, ExtractionTask, QATask, Task
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model, head_module
from burnish.training import train
from tests.tiny import tiny_base

TASK = ExtractionTask(labels=("person", "place"), max_length=32, stride=8)
TAGS = TASK.output_labels


def _with_head(directory: Path, auto: Any, labels: tuple[str, ...], family: str = "bert") -> Path:
    """A base with a tagger's (classifier's, reader's) head in it."""
    tiny_base(directory, family)
    config = AutoConfig.from_pretrained(directory)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    torch.manual_seed(3)
    auto.from_pretrained(directory, config=config).save_pretrained(directory)
    return directory


def _built(directory: Path, task: Task) -> tuple[Any, Any, Any]:
    """The model that was built, its head, and the base's own head."""
    base = resolve_base(str(directory))
    auto = {
        "classification": AutoModelForSequenceClassification,
        "extraction": AutoModelForTokenClassification,
        "qa": AutoModelForQuestionAnswering,
    }[task.task]
    built = build_model(base, task, pooling="native", seed=0)
    return built, head_module(built.module)[1], head_module(auto.from_pretrained(directory))[1]


def test_the_same_labels_in_another_order_keep_the_head_permuted(tmp_path) -> None:
    base = _with_head(tmp_path, AutoModelForTokenClassification, tuple(reversed(TAGS)))
    built, head, own = _built(base, TASK)
    assert torch.equal(head.weight, own.weight.flip(0))
    assert torch.equal(head.bias, own.bias.flip(0))
    assert "classifier.weight" not in built.missing
    assert "order" in built.head


def test_the_same_labels_in_the_same_order_keep_the_head_as_it_is(tmp_path) -> None:
    base = _with_head(tmp_path, AutoModelForTokenClassification, TAGS)
    built, head, own = _built(base, TASK)
    assert torch.equal(head.weight, own.weight)
    assert not built.missing
    assert "own" in built.head


@pytest.mark.parametrize(
    "labels", [("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG"), tuple(f"LABEL_{i}" for i in range(5))]
)
@pytest.mark.parametrize("family", ["bert", "distilbert", "roberta", "electra"])
def test_as_many_other_labels_start_the_head_anew(tmp_path, labels, family) -> None:
    base = _with_head(tmp_path, AutoModelForTokenClassification, labels, family)
    built, head, own = _built(base, TASK)
    assert not torch.equal(head.weight, own.weight)
    assert (head.bias == 0).all()
    assert {"classifier.weight", "classifier.bias"} <= set(built.missing)
    assert labels[1] in built.head


def test_a_tagger_is_no_classifier_though_the_names_are_the_same(tmp_path) -> None:
    base = _with_head(tmp_path, AutoModelForTokenClassification, ("a", "b"))
    built, head, own = _built(base, ClassificationTask(labels=("a", "b"), max_length=32, stride=8))
    assert not torch.equal(head.weight, own.weight)
    assert "classifier.weight" in built.missing


def test_a_reader_keeps_its_head(tmp_path) -> None:
    base = _with_head(tmp_path, AutoModelForQuestionAnswering, ("LABEL_0", "LABEL_1"))
    built, head, own = _built(base, QATask(max_length=32, stride=8))
    assert torch.equal(head.weight, own.weight)
    assert not built.missing


def test_a_base_without_a_head_says_nothing(tmp_path) -> None:
    built, _, _ = _built(tiny_base(tmp_path), TASK)
    assert built.head == ""


@pytest.mark.parametrize("method", ["full", "head", "lora"])
def test_a_run_says_what_was_done_and_its_new_head_comes_back(
    make_recipe, tmp_path, method
) -> None:
    labels = ("O", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
    base = _with_head(tmp_path / "base", AutoModelForTokenClassification, labels)
    recipe = make_recipe("extraction", base_model=str(base), method=method, train={"epochs": 1})
    run = train(recipe)  # which loads what it saved, and compares
    assert [note for note in run.record.notes if "B-LOC" in note]
    if method == "full":
        config = json.loads((run.path / "model" / "config.json").read_text())
        assert config["id2label"]["1"] == "B-person"
