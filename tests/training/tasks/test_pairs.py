"""Pairs of texts in training: the rival that reads each text alone."""

from __future__ import annotations

import json
import random
from typing import Any

from burnish.data import read_rows
from burnish.evidence.report import read_facts
from burnish.tasks import PairsTask
from burnish.tasks.encoded import encode_rows
from burnish.torch_models.base import resolve_base
from burnish.training import evaluate_run, train
from burnish.training.data.splits import EncodedParts
from burnish.training.tasks.pairs import TOGETHER, VECTORS, score_vectors

_WORDS = "refund money card late parcel broken password login account invoice".split()  # noqa: SIM905


def test_two_vectors_tell_equal_texts_from_others(bert, tmp_path) -> None:
    rng = random.Random(3)
    rows = []
    for index in range(240):
        text, other = (" ".join(rng.sample(_WORDS, 4)) for _ in range(2))
        alike = index % 2 == 0
        label = "alike" if alike else "unlike"
        rows.append({"text": text, "text_pair": text if alike else other, "label": label})
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    examples: Any = read_rows(path, "pairs").examples
    task = PairsTask.for_examples(examples, max_length=32, stride=8)
    encoder = task.text_encoder(bert / "tokenizer.json")
    train_rows, validation, test = (
        encode_rows(task, examples[begin:end], encoder)
        for begin, end in ((0, 160), (160, 200), (200, 240))
    )
    parts = EncodedParts(train_rows, validation, test, notes=())
    found = score_vectors(task, parts, resolve_base(str(bert)))
    assert list(found) == ["validation", "test"]
    assert found["test"].metrics["accuracy"].value > 0.8
    assert found["test"].rows == 40


def test_a_run_compares_itself_with_them(make_recipe) -> None:
    run = train(make_recipe("pairs", train={"epochs": 1}, pairs={"reading": "together"}))
    task = run.record.task
    assert isinstance(task, PairsTask)
    assert task.reading == "together"
    assert VECTORS in read_facts(run).rivals
    told = [g["detail"] for g in run.metrics["gates"] if g["name"] == "beats_baseline"]
    assert any(VECTORS in detail for detail in told)


def test_a_model_of_two_vectors_starts_at_their_probe_and_loads_as_it_was(make_recipe) -> None:
    """The tiny base declares how it pools, so each text is read alone."""
    run = train(make_recipe("pairs", train={"epochs": 1}))
    task = run.record.task
    assert isinstance(task, PairsTask)
    assert task.reading == run.recipe.pairs.reading == "apart"
    assert task.reads_apart
    assert TOGETHER in read_facts(run).rivals
    assert VECTORS not in read_facts(run).rivals
    start = run.metrics["history"][0]["score"]
    assert start == run.metrics["baseline"]["validation"]["metrics"]["accuracy"]["value"]
    assert run.recipe.data.train is not None
    rows = read_rows(run.recipe.data.train, "pairs")
    assert 0 < evaluate_run(run, rows).values()["accuracy"] <= 1
