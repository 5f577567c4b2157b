"""Tiny checkpoints in the forms that other tools leave, with heads that are not degenerate.

The forms: transformers 5.24 (Trainer), peft 0.21, sentence-transformers 5.7 and setfit 1.2.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]
import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from sklearn.linear_model import LogisticRegression
from transformers import (
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from burnish.torch_models.quiet import quiet
from tests.tiny import tiny_base
from tests.training.pipeline.adopt.conftest import short_rows

HEADS = ("classifier", "qa_outputs", "score")
CLASSES: dict[str, Any] = {
    "classification": AutoModelForSequenceClassification,
    "extraction": AutoModelForTokenClassification,
    "qa": AutoModelForQuestionAnswering,
}


def trainer_output(
    directory: Path,
    task: str = "classification",
    *,
    names: Sequence[str] = ("LABEL_0", "LABEL_1"),
    family: str = "bert",
    problem: str | None = None,
) -> Path:
    """What a Trainer saves: the model, its tokenizer, and files that nobody may open."""
    tiny_base(directory, family)
    options: dict[str, Any] = {}
    if task != "qa":
        options = {
            "id2label": dict(enumerate(names)),
            "label2id": {name: index for index, name in enumerate(names)},
            "problem_type": problem,
        }
    model = CLASSES[task].from_pretrained(directory, **options)
    shake(model)
    if task != "qa":
        balance(model, directory)
    model.save_pretrained(directory)
    for name in ("training_args.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth"):
        (directory / name).write_bytes(b"\x80\x04 not to be opened")
    (directory / "trainer_state.json").write_text(json.dumps({"global_step": 12}))
    return directory


def shake(model: torch.nn.Module, *, seed: int = 3) -> None:
    """Weights of a head that gives one text another answer than the next, and of every layer."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            std = 1.0 if name.startswith(HEADS) else 0.08
            if parameter.ndim > 1:
                parameter.add_(torch.randn(parameter.shape, generator=generator) * std)


def balance(model: Any, tokenizer: Path) -> None:
    """Move the head's bias so that every output is the highest for some texts."""
    read = AutoTokenizer.from_pretrained(tokenizer)
    biases = [p for n, p in model.named_parameters() if p.ndim == 1 and "bias" in n]
    inputs = read([row["text"] for row in short_rows()], padding=True, return_tensors="pt")
    with torch.inference_mode():
        logits = model.eval()(**inputs).logits
    middle = logits.reshape(-1, logits.shape[-1]).median(0).values
    (bias, *_) = [p for p in reversed(biases) if p.shape == middle.shape]
    with torch.no_grad():
        bias.sub_(middle)


def lora_adapter(directory: Path, base: Path, *, labels: int = 2) -> Path:
    """What PEFT saves of a classifier: low-rank updates, and the new head whole."""
    torch.manual_seed(5)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=labels)
    config = LoraConfig(
        task_type="SEQ_CLS", r=4, target_modules=["query", "value"], init_lora_weights=False
    )
    with quiet():
        adapter: Any = get_peft_model(model, config)
    with torch.no_grad():
        for name, parameter in adapter.named_parameters():
            if "modules_to_save" in name:
                parameter.normal_(std=1.0)
            elif "lora_" in name:
                parameter.mul_(4)
    balance(adapter, base)
    adapter.save_pretrained(directory)
    return directory


def setfit_model(
    directory: Path,
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    normalized: bool = False,
    named: bool = False,
) -> Path:
    """What setfit saves: the body, its modules, and the head as a pickle.

    Args:
        directory: is made.
        texts: what the head learns.
        labels: of each text.
        normalized: the body ends with a module that normalizes.
        named: the head has numbers, and the configuration their names.
    """
    tiny_base(directory, pooling="mean")
    body = AutoModel.from_pretrained(directory)
    shake(body)
    body.save_pretrained(directory)
    kinds = ["Transformer", "Pooling", *(["Normalize"] if normalized else [])]
    modules = [
        {"idx": i, "name": str(i), "path": "" if not i else f"{i}_{kind}", "type": f"x.{kind}"}
        for i, kind in enumerate(kinds)
    ]
    (directory / "modules.json").write_text(json.dumps(modules))
    (directory / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 64}))
    known = sorted(set(labels)) if named else None
    config = {"normalize_embeddings": False, "labels": known}
    (directory / "config_setfit.json").write_text(json.dumps(config))
    targets = [known.index(label) for label in labels] if known else list(labels)
    head = LogisticRegression(C=1e4, max_iter=1000).fit(
        body_vectors(directory, texts, normalized), targets
    )
    joblib.dump(head, directory / "model_head.pkl")
    return directory


def body_vectors(directory: Path, texts: Sequence[str], normalized: bool) -> np.ndarray:
    """(texts, hidden) by transformers alone: mean pooling over the tokens."""
    tokenizer = AutoTokenizer.from_pretrained(directory)
    body = AutoModel.from_pretrained(directory).eval()
    inputs = tokenizer(list(texts), padding=True, return_tensors="pt", return_token_type_ids=True)
    with torch.inference_mode():
        hidden = body(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    vectors = (hidden * mask).sum(1) / mask.sum(1)
    if normalized:
        vectors = torch.nn.functional.normalize(vectors, dim=-1)
    return vectors.numpy()
