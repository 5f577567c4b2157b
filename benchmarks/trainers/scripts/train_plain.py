"""A Hugging Face Trainer script as its documentation writes one, tuned until it learns.

Padding to the longest of a batch (``DataCollatorWithPadding``), or of all texts to ``max_length``
where ``padded`` says so. The learning rate is the one that a search found for this model: at the
Trainer's own, 5e-5, a random head on 77 classes has hardly left the ground after five epochs.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from clock import Clock, accuracy, rows
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    DataCollatorForTokenClassification,
    DataCollatorWithPadding,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

LEARNING_RATE = 3e-4
MAX_LENGTH = 128


class Watch(TrainerCallback):
    """Writes the time of every evaluation."""

    def __init__(self, clock: Clock, metric: str) -> None:
        self._clock, self._metric = clock, f"eval_{metric}"

    def on_evaluate(self, *_: Any, metrics: dict[str, float], **__: Any) -> None:
        self._clock.scored(metrics[self._metric])


class Texts(torch.utils.data.Dataset):
    """Encoded rows."""

    def __init__(self, encodings: list[dict[str, Any]]) -> None:
        self._encodings = encodings

    def __len__(self) -> int:
        return len(self._encodings)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self._encodings[index]


def main(given: dict[str, str]) -> None:
    """Train as the given keys say."""
    torch.set_num_threads(int(given["threads"]))
    clock = Clock()
    tokenizer = AutoTokenizer.from_pretrained(given["model"])
    train, validation = rows(given["train"]), rows(given["validation"])
    prepare = classifier if given["task"] == "classification" else tagger
    model, encode, collator, metrics, name = prepare(given, tokenizer, train)
    with tempfile.TemporaryDirectory() as directory:
        arguments = TrainingArguments(
            directory,
            learning_rate=LEARNING_RATE,
            num_train_epochs=int(given["epochs"]),
            per_device_train_batch_size=int(given["batch_size"]),
            per_device_eval_batch_size=32,
            warmup_ratio=0.1,
            weight_decay=0.01,
            eval_strategy="epoch",
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            seed=13,
        )
        Trainer(
            model=model,
            args=arguments,
            train_dataset=Texts([encode(row) for row in train]),
            eval_dataset=Texts([encode(row) for row in validation]),
            data_collator=collator,
            compute_metrics=metrics,
            callbacks=[Watch(clock, name)],
        ).train()


def classifier(given: dict[str, str], tokenizer: Any, train: list[dict[str, Any]]) -> Any:
    """Model, encoder, collator and metric of a classifier."""
    labels = sorted({row["label"] for row in train})
    model = AutoModelForSequenceClassification.from_pretrained(
        given["model"], num_labels=len(labels)
    )
    padding = {"padding": "max_length"} if given.get("padded") else {}

    def encode(row: dict[str, Any]) -> dict[str, Any]:
        encoding = tokenizer(row["text"], truncation=True, max_length=MAX_LENGTH, **padding)
        return {**encoding, "labels": labels.index(row["label"])}

    def metrics(output: Any) -> dict[str, float]:
        return {"accuracy": accuracy(output.predictions.argmax(-1), output.label_ids)}

    return model, encode, DataCollatorWithPadding(tokenizer), metrics, "accuracy"


def tagger(given: dict[str, str], tokenizer: Any, train: list[dict[str, Any]]) -> Any:
    """Model, encoder, collator and metric of a tagger of tokens."""
    from seqeval.metrics import f1_score

    tags = sorted({tag for row in train for tag in row["tags"]})
    model = AutoModelForTokenClassification.from_pretrained(given["model"], num_labels=len(tags))
    padding = {"padding": "max_length"} if given.get("padded") else {}

    def encode(row: dict[str, Any]) -> dict[str, Any]:
        encoding = tokenizer(
            row["tokens"],
            is_split_into_words=True,
            truncation=True,
            max_length=MAX_LENGTH,
            **padding,
        )
        words = [None, *encoding.word_ids()]
        labels = [
            -100 if word is None or word == before else tags.index(row["tags"][word])
            for before, word in pairwise(words)
        ]
        return {**encoding, "labels": labels}

    def metrics(output: Any) -> dict[str, float]:
        said = np.argmax(output.predictions, -1)
        pairs = list(zip(said, output.label_ids, strict=True))
        given_tags = [[tags[s] for s, t in zip(a, b, strict=True) if t != -100] for a, b in pairs]
        right = [[tags[t] for t in b if t != -100] for _, b in pairs]
        return {"f1": float(f1_score(right, given_tags))}

    return model, encode, DataCollatorForTokenClassification(tokenizer), metrics, "f1"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
