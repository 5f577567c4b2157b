"""SetFit's own trainer: contrastive pairs, then a logistic regression on the vectors."""

from __future__ import annotations

import json
import sys
import tempfile

import torch
from clock import Clock, accuracy, rows
from datasets import Dataset
from sentence_transformers import SentenceTransformer, models
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.linear_model import LogisticRegression


def main(given: dict[str, str]) -> None:
    """Train as the given keys say; one score, at the end."""
    torch.set_num_threads(int(given["threads"]))
    clock = Clock()
    train, validation = rows(given["train"]), rows(given["validation"])
    encoder = models.Transformer(given["model"], max_seq_length=128)
    body = SentenceTransformer(
        modules=[encoder, models.Pooling(encoder.get_word_embedding_dimension(), "mean")],
        device="cpu",
    )
    model = SetFitModel(model_body=body, model_head=LogisticRegression(max_iter=1000))
    labels = sorted({row["label"] for row in train})
    data = {
        "text": [row["text"] for row in train],
        "label": [labels.index(row["label"]) for row in train],
    }
    with tempfile.TemporaryDirectory() as directory:
        arguments = TrainingArguments(
            output_dir=directory,
            batch_size=16,
            num_epochs=1,
            num_iterations=int(given["iterations"]),
            report_to="none",
            save_strategy="no",
            show_progress_bar=False,
            seed=13,
        )
        Trainer(model=model, args=arguments, train_dataset=Dataset.from_dict(data)).train()
    said = [labels[int(index)] for index in model.predict([row["text"] for row in validation])]
    clock.scored(accuracy(said, [row["label"] for row in validation]))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
