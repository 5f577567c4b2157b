"""The exported bundle answers as the tool does that the model was tuned with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import pytest
import torch
from peft import PeftModel
from transformers import (
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    pipeline,
)

from burnish.bundle import Bundle
from burnish.export import export_run
from burnish.run import Run
from burnish.runtime import load_model
from burnish.tasks import ExtractionTask
from burnish.tasks.pairs.example import TextPair
from burnish.torch_models.checkpoint import load_run_model
from burnish.torch_models.logits import predict_logits
from burnish.torch_models.quiet import quiet
from burnish.training import adopt
from burnish.training.pipeline.adopt.head_script import HEAD_SCRIPT
from tests.tiny import tiny_base
from tests.training.pipeline.adopt.checkpoints import (
    body_vectors,
    lora_adapter,
    setfit_model,
    trainer_output,
)
from tests.training.pipeline.adopt.conftest import short_rows

NAMES = ("money", "parcel")
TEXTS = [row["text"] for row in short_rows()]


def _exported(run: Run, tmp_path: Path) -> Bundle:
    return export_run(run, tmp_path / "bundle", precision="fp32")


def _answers(bundle: Bundle, inputs: list[Any]) -> list[Any]:
    with load_model(bundle.path) as model:
        return list(model.predict(inputs))


def _logits(run: Run, inputs: list[Any]) -> list[np.ndarray]:
    task = run.record.task
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    found = predict_logits(load_run_model(run), task, [task.encode(i, encoder) for i in inputs])
    assert all(len(windows) == 1 for windows in found)
    return [windows[0] for windows in found]


@pytest.mark.parametrize("family", ["bert", "roberta", "deberta-v2", "modernbert"])
def test_a_trainer_checkpoint_gives_no_other_label(
    family: str, tickets: Path, tmp_path: Path
) -> None:
    source = trainer_output(tmp_path / "checkpoint-12", names=NAMES, family=family)
    run = adopt(str(source), tickets, tmp_path / "run")
    theirs: Any = pipeline("text-classification", model=str(source), top_k=None, device="cpu")(
        TEXTS
    )
    said = [max(each, key=lambda score: score["score"])["label"] for each in theirs]
    ours = [answer.labels[0] for answer in _answers(_exported(run, tmp_path), TEXTS)]
    assert ours == said
    assert set(ours) == set(NAMES)  # else equality would say little
    model = AutoModelForSequenceClassification.from_pretrained(source).eval()
    tokenizer = AutoTokenizer.from_pretrained(source)
    for text, logits in zip(TEXTS, _logits(run, TEXTS), strict=True):
        with torch.inference_mode():
            wanted = model(**tokenizer(text, return_tensors="pt")).logits[0].numpy()
        np.testing.assert_allclose(logits, wanted, atol=1e-5)


@pytest.mark.parametrize("normalized", [False, True])
def test_a_setfit_model_gives_no_other_label(
    normalized: bool, tickets: Path, tmp_path: Path
) -> None:
    labels = ["money" if "card" in text or "money" in text else "parcel" for text in TEXTS]
    source = setfit_model(
        tmp_path / "setfit", TEXTS, labels, normalized=normalized, named=normalized
    )
    script = tmp_path / "setfit_head.py"
    script.write_text(HEAD_SCRIPT, encoding="utf-8")
    subprocess.run([sys.executable, str(script), str(source)], check=True, capture_output=True)
    run = adopt(str(source), tickets, tmp_path / "run")
    assert run.record.adopted is not None
    assert run.record.adopted.kind == "setfit"
    head = joblib.load(source / "model_head.pkl")
    vectors = body_vectors(source, TEXTS, normalized)
    said = [NAMES[n] if isinstance(n, np.integer) else n for n in head.predict(vectors)]
    ours = [answer.labels[0] for answer in _answers(_exported(run, tmp_path), TEXTS)]
    assert ours == said
    assert set(ours) == set(NAMES)
    margins = np.array([one[1] - one[0] for one in _logits(run, TEXTS)])
    np.testing.assert_allclose(margins, head.decision_function(vectors), atol=1e-4)


def test_a_lora_adapter_gives_no_other_label(tickets: Path, tmp_path: Path) -> None:
    base = tiny_base(tmp_path / "base")
    source = lora_adapter(tmp_path / "adapter", base)
    run = adopt(str(source), tickets, tmp_path / "run", output_names=NAMES)
    plain: Any = AutoModelForSequenceClassification.from_pretrained(base, num_labels=2)
    with quiet():
        model = PeftModel.from_pretrained(plain, str(source)).eval()
    tokenizer = AutoTokenizer.from_pretrained(base)
    said = []
    for text, logits in zip(TEXTS, _logits(run, TEXTS), strict=True):
        with torch.inference_mode():
            wanted = model(**tokenizer(text, return_tensors="pt")).logits[0].numpy()
        np.testing.assert_allclose(logits, wanted, atol=1e-5)
        said.append(NAMES[int(wanted.argmax())])
    bundle = _exported(run, tmp_path)
    assert [answer.labels[0] for answer in _answers(bundle, TEXTS)] == said
    assert set(said) == set(NAMES)
    gates = {gate.name: gate for gate in bundle.manifest.gates}
    assert gates["merged_flips"].passed
    assert gates["merged_equals_unmerged"].passed


_BIO = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
_BIOES = ("O", *(f"{side}-{kind}" for kind in ("PER", "LOC") for side in "BIES"))


@pytest.mark.parametrize(
    ("tags", "scheme"),
    [(_BIO, "BIO"), (_BIOES, "BIOES"), (("PER", "O", "LOC"), "IO")],
)
def test_a_tagger_of_any_scheme_keeps_its_tags(
    tags: tuple[str, ...], scheme: str, letters: Path, tmp_path: Path
) -> None:
    source = trainer_output(tmp_path / "tagger", "extraction", names=tags)
    mapping = {"PER": "person", "LOC": "place"}
    run = adopt(str(source), letters, tmp_path / "run", mapping=mapping)
    task = run.record.task
    assert task.answer_labels == ("person", "place")
    assert isinstance(task, ExtractionTask)
    assert task.scheme == scheme
    texts = [json.loads(line)["text"] for line in letters.read_text().splitlines()]
    model = AutoModelForTokenClassification.from_pretrained(source).eval()
    tokenizer = AutoTokenizer.from_pretrained(source)
    for text, logits in zip(texts, _logits(run, texts), strict=True):
        with torch.inference_mode():
            wanted = model(**tokenizer(text, return_tensors="pt")).logits[0].numpy()
        np.testing.assert_allclose(logits, wanted, atol=1e-5)
    bundle = _exported(run, tmp_path)
    served = [answer.spans for answer in _answers(bundle, texts)]
    assert any(served)
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    encodings = [task.encode(text, encoder) for text in texts]
    kept = predict_logits(load_run_model(run), task, encodings)
    decoded = [
        bundle.manifest.task.decode(text, encoding, each).spans
        for text, encoding, each in zip(texts, encodings, kept, strict=True)
    ]
    assert served == decoded


def test_a_reader_keeps_the_logits_of_start_and_end(questions: Path, tmp_path: Path) -> None:
    from burnish import Question

    source = trainer_output(tmp_path / "reader", "qa")
    run = adopt(str(source), questions, tmp_path / "run")
    rows = [json.loads(line) for line in questions.read_text().splitlines()]
    asked = [Question(question=row["question"], context=row["context"]) for row in rows]
    model = AutoModelForQuestionAnswering.from_pretrained(source).eval()
    tokenizer = AutoTokenizer.from_pretrained(source)
    for given, logits in zip(asked, _logits(run, asked), strict=True):
        with torch.inference_mode():
            found = model(**tokenizer(given.question, given.context, return_tensors="pt"))
        wanted = torch.stack([found.start_logits[0], found.end_logits[0]], -1).numpy()
        np.testing.assert_allclose(logits, wanted, atol=1e-5)
    bundle = _exported(run, tmp_path)
    assert len(_answers(bundle, asked)) == len(asked)
    assert {gate.name for gate in bundle.manifest.gates if gate.passed} >= {"onnx_flips"}


@pytest.mark.parametrize("types", [["token_type_ids"], []], ids=["as BERT's", "without types"])
def test_a_checkpoint_of_pairs_gives_no_other_label(tmp_path: Path, types: list[str]) -> None:
    source = trainer_output(tmp_path / "checkpoint-12", names=NAMES)
    settings = json.loads((source / "tokenizer_config.json").read_bytes())
    settings["model_input_names"] = ["input_ids", *types, "attention_mask"]
    (source / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    rows = [{**row, "text_pair": TEXTS[-number]} for number, row in enumerate(short_rows())]
    data = tmp_path / "pairs.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = adopt(str(source), data, tmp_path / "run", task="pairs")
    pairs = [TextPair(row["text"], row["text_pair"]) for row in rows]
    theirs: Any = pipeline("text-classification", model=str(source), top_k=1, device="cpu")
    said = [theirs({"text": a.text, "text_pair": a.text_pair})[0]["label"] for a in pairs]
    ours = [answer.labels[0] for answer in _answers(_exported(run, tmp_path), pairs)]
    assert ours == said
