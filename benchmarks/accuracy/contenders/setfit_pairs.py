"""SetFit's own trainer (Tunstall et al. 2022): pairs, then logistic regression on the vectors.

Twenty pairs of either kind a row, as the paper has it, for one epoch. Nothing is chosen: SetFit
takes no validation rows by itself.
"""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from datasets import Dataset
from given import Given, take_part
from sentence_transformers import SentenceTransformer, models
from setfit import SetFitModel, Trainer, TrainingArguments
from sklearn.linear_model import LogisticRegression

PAIRS = 20
TOKENS = 256


def answer(given: Given) -> tuple[list[Any], str]:
    """Answers for the test rows."""
    torch.set_num_threads(given.threads)
    train = given.rows("train")
    encoder = models.Transformer(given.base, max_seq_length=TOKENS)
    pooling = models.Pooling(encoder.get_word_embedding_dimension(), "mean")
    body = SentenceTransformer(modules=[encoder, pooling, models.Normalize()], device="cpu")
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
            num_iterations=PAIRS,
            report_to="none",
            save_strategy="no",
            show_progress_bar=False,
            seed=given.seed,
        )
        Trainer(model=model, args=arguments, train_dataset=Dataset.from_dict(data)).train()
    found = model.predict([row["text"] for row in given.rows("test")])
    return [labels[int(index)] for index in found], f"{PAIRS} pairs of either kind a row"


if __name__ == "__main__":
    take_part(answer)
