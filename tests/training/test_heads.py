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

from burnish.errors import BaseModelError
from burnish.tasks import ClassificationTask, ExtractionTask, QATask, Task
from burnish.torch_models.base import resolve_base
from burnish.torch_models.build import build_model, head_module
from burnish.torch_models.logits import predict_logits
from burnish.training import train
from burnish.training.data.splits import make_task
from burnish.training.pipeline.preparation import prepare
from burnish.training.pipeline.setup import build_for, make_ready
from tests.tiny import tiny_base
from tests.training.conftest import MakeRecipe

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


def test_a_head_that_is_kept_answers_at_step_0_as_the_checkpoint_does(
    tmp_path: Path, make_recipe: MakeRecipe
) -> None:
    own = ("billing", "access")
    base = _with_head(tmp_path / "base", AutoModelForSequenceClassification, own)
    recipe = make_recipe("one", base_model=str(base), head="keep")
    resolved, split, recipe = prepare(recipe)
    task = make_task(recipe, split, resolved)
    assert task.output_labels == ("access", "billing")  # the other way round
    built = build_for(resolved, task, recipe, rows=len(split.parts["train"]), seed=1)
    ready = make_ready(built, resolved, recipe)
    encoder = task.text_encoder(resolved.path / "tokenizer.json")
    text = "my card is late 3"
    ours = predict_logits(ready.model, task, [task.encode(text, encoder)])[0][0]
    theirs: Any = AutoModelForSequenceClassification.from_pretrained(base).eval()
    ids = torch.tensor([encoder.encode(text).windows[0].input_ids.tolist()])
    with torch.inference_mode():
        wanted = theirs(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
    assert torch.allclose(torch.tensor(ours), wanted.flip(0), atol=1e-5)


def test_the_run_says_what_became_of_the_head(tmp_path: Path, make_recipe: MakeRecipe) -> None:
    own = ("billing", "access")
    base = _with_head(tmp_path / "base", AutoModelForSequenceClassification, own)
    said: list[str] = []
    recipe = make_recipe("one", base_model=str(base), train={"epochs": 1})
    run = train(recipe, notify=said.append)
    assert run.recipe.head == "keep"
    assert any("the head is the base model's own" in line for line in said)
    assert any("the head is the base model's own" in note for note in run.record.notes)
    fresh = recipe.model_copy(update={"head": "new", "output": tmp_path / "other"})
    assert train(fresh).recipe.head == "new"


@pytest.mark.parametrize("own", [("billing", "refunds"), ("billing", "access", "refunds")])
def test_a_head_for_other_labels_cannot_be_kept(
    own: tuple[str, ...], tmp_path: Path, make_recipe: MakeRecipe
) -> None:
    base = _with_head(tmp_path / "base", AutoModelForSequenceClassification, own)
    with pytest.raises(BaseModelError) as caught:
        train(make_recipe("one", base_model=str(base), head="keep"))
    assert ", ".join(own) in caught.value.message
    assert "access, billing" in caught.value.message


def test_a_base_without_a_head_cannot_keep_one(tmp_path: Path, make_recipe: MakeRecipe) -> None:
    base = tiny_base(tmp_path / "base")
    with pytest.raises(BaseModelError, match="head: keep needs a head"):
        train(make_recipe("one", base_model=str(base), head="keep"))
