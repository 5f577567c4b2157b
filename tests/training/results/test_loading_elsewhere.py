"""What a run's ``model/`` is for transformers: the trained model exactly, or nothing at all."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    pipeline,
)

from burnish.run import Run, read_run
from burnish.tasks import TranslationTask
from burnish.tasks.qa.example import Question
from burnish.torch_models.logits import predict_logits
from burnish.training import load_run_model, train
from tests.tiny import tiny_base

AUTO: dict[str, Any] = {
    "one": AutoModelForSequenceClassification,
    "several": AutoModelForSequenceClassification,
    "extraction": AutoModelForTokenClassification,
    "qa": AutoModelForQuestionAnswering,
}
METHODS = ("full", "head", "lora", "ia3", "adapters", "prefix")
TEXTS = [
    f"my {noun} is late {n}" for noun in ("refund", "login", "Card", "a b!") for n in range(13)
]


def _code(run: Run) -> dict[str, Any]:
    """What the card's code defines, run in the run's directory."""
    card = (run.path / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    assert len(found) == 1
    names: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(run.path)
    try:
        exec(found[0], names)
    finally:
        os.chdir(before)
    return names


def _ours(run: Run, texts: list[str]) -> np.ndarray:
    task = run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    encodings = [task.encode(text, encoder) for text in texts]
    logits = predict_logits(load_run_model(run), task, encodings)
    return np.stack([windows[0] for windows in logits])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", sorted(AUTO))
@pytest.mark.parametrize("pooling", ["native", "mean"])
def test_transformers_loads_the_trained_model_or_refuses(
    make_recipe, kind, method, pooling
) -> None:
    if pooling == "mean" and kind in ("extraction", "qa"):
        pytest.skip("pools nothing")
    run = train(make_recipe(kind, method=method, pooling=pooling, train={"epochs": 1}))
    if method in ("full", "head") and pooling == "native":
        _, info = AUTO[kind].from_pretrained(run.path / "model", output_loading_info=True)
        assert not info["missing_keys"]
        answer = _code(run)["answer"]
        if kind == "qa":
            assert isinstance(answer("who is late", "anna is late"), str)
        return
    assert not (run.path / "model" / "config.json").exists()
    with pytest.raises((OSError, ValueError)):
        AUTO[kind].from_pretrained(run.path / "model")
    names = _code(run)
    if method in ("full", "head"):
        logits = names["logits"](TEXTS[:50]).numpy()
        np.testing.assert_allclose(logits, _ours(run, TEXTS[:50]), atol=1e-5)
    else:
        given, saved = names["model"].state_dict(), load_run_model(run).state_dict()
        assert all(torch.equal(given[name], saved[name]) for name in saved)


@pytest.mark.parametrize("kind", ["one", "several"])
def test_a_pipeline_classifies_50_texts_as_burnish_does(make_recipe, kind) -> None:
    run = train(make_recipe(kind, pooling="native", train={"epochs": 1}))
    answer: Any = pipeline("text-classification", model=str(run.path / "model"), top_k=None)
    ours = _ours(run, TEXTS[:50])
    labels = run.record.task.output_labels
    for theirs, logits in zip(answer(TEXTS[:50], batch_size=8), ours, strict=True):
        scores = {each["label"]: each["score"] for each in theirs}
        x = logits.astype(np.float64)
        share = np.exp(x) / np.exp(x).sum() if kind == "one" else 1 / (1 + np.exp(-x))
        expected = dict(zip(labels, share, strict=True))
        assert scores == pytest.approx(expected, abs=1e-4)


def test_a_pipeline_tags_50_texts_as_burnish_does(make_recipe) -> None:
    run = train(make_recipe("extraction", train={"epochs": 1}))
    tag = pipeline(
        "token-classification", model=str(run.path / "model"), ignore_labels=[], batch_size=8
    )
    labels = np.array(run.record.task.output_labels)
    task = run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    model = load_run_model(run)
    for text, theirs in zip(TEXTS[:50], tag(TEXTS[:50]), strict=True):
        encoding = task.encode(text, encoder)
        (logits,) = predict_logits(model, task, [encoding])[0]
        window = encoding.windows[0]
        own = logits[window.prefix : window.prefix + encoding.tokens].argmax(-1)
        assert [each["entity"] for each in theirs] == labels[own].tolist()
        assert [(each["start"], each["end"]) for each in theirs] == [
            tuple(pair) for pair in encoding.offsets.tolist()
        ]


def test_a_pipeline_answers_50_questions_as_burnish_does(make_recipe) -> None:
    run = train(make_recipe("qa", train={"epochs": 1}))
    loaded = AutoModelForQuestionAnswering.from_pretrained(run.path / "model").eval()
    tokenizer = AutoTokenizer.from_pretrained(run.path / "model")
    task = run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    model = load_run_model(run)
    for number, text in enumerate(TEXTS[:50]):
        inputs = tokenizer(f"where is {number}", text, return_tensors="pt")
        with torch.inference_mode():
            theirs = loaded(**inputs)
        encoding = task.encode(Question(f"where is {number}", text), encoder)
        assert inputs["input_ids"][0].tolist() == encoding.windows[0].input_ids.tolist()
        (ours,) = predict_logits(model, task, [encoding])[0]
        np.testing.assert_allclose(theirs.start_logits[0].numpy(), ours[:, 0], atol=1e-5)
        np.testing.assert_allclose(theirs.end_logits[0].numpy(), ours[:, 1], atol=1e-5)


def test_a_pooled_encoder_can_be_tuned_on_and_keeps_its_pooling(make_recipe, tmp_path) -> None:
    first = train(make_recipe("one", pooling="cls", train={"epochs": 1}))
    encoder = first.path / "model" / "encoder"
    assert "id2label" not in json.loads((encoder / "config.json").read_text())

    output = str(tmp_path / "second")
    second = train(make_recipe("one", base_model=str(encoder), output=output, train={"epochs": 1}))
    assert second.record.pooling == "cls"


def test_a_pooled_run_of_the_first_version_still_loads(make_recipe) -> None:
    run = train(make_recipe("one", train={"epochs": 1}))
    before = _ours(run, TEXTS[:3])
    model = run.path / "model"
    for path in (model / "encoder").iterdir():
        if path.is_file():
            path.replace(model / path.name)
        else:
            (path / "config.json").unlink()
            path.rmdir()
    (model / "encoder").rmdir()
    assert (model / "config.json").exists()
    np.testing.assert_array_equal(_ours(run, TEXTS[:3]), before)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_the_runs_tokenizer_is_burnishs(make_recipe, tmp_path, method) -> None:
    base = tiny_base(tmp_path / "base", pooling="mean")
    document = json.loads((base / "tokenizer.json").read_text())
    document["normalizer"]["lowercase"] = False
    (base / "tokenizer.json").write_text(json.dumps(document))
    (base / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    run = train(make_recipe("one", base_model=str(base), method=method, train={"epochs": 1}))
    theirs = AutoTokenizer.from_pretrained(run.path / "model")
    ours = run.record.task.text_encoder(run.path / "model" / "tokenizer.json")
    for text in ("My CARD is late", "my card", "Anna's [x] Ünïcode 12!", "a" * 200):
        ids = theirs(text, truncation=True)["input_ids"]
        assert ids == ours.encode(text).windows[0].input_ids.tolist()
    assert theirs.model_max_length == run.record.task.max_length
    assert theirs.pad_token == "[PAD]"
    assert read_run(run.path).digest == run.digest
    if method == "full":
        assert load_file(run.path / "model" / "head.safetensors")["weight"].shape == (2, 32)


def test_the_cards_code_writes_what_burnish_writes(make_recipe) -> None:
    run = train(make_recipe("translation", train={"epochs": 4, "learning_rate": 5e-3}))
    names = _code(run)
    text = "a text"
    task = run.record.task
    assert isinstance(task, TranslationTask)
    encoding = task.encode(text, task.text_encoder(run.path / "model" / "tokenizer.json"))
    ((array,),) = predict_logits(load_run_model(run), task, [encoding])
    count = task.most_tokens(encoding.windows[0])
    theirs = names["written"].tolist()[1:]
    assert theirs[: len(array)] == [int(each) for each in array[:, 0]]
    assert len(array) <= count
