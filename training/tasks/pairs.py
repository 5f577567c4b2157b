"""This task's part of training: that of classification, and what the other reading reaches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from burnish.arrays import FloatArray
from burnish.recipe.recipe import Recipe
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows, encode_rows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.pairs.settings import PairsTask
from burnish.torch_models.base import BaseModel
from burnish.torch_models.build import build_model
from burnish.torch_models.logits import predict_logits

from ..data.splits import EncodedParts
from ..evaluation.linear_probe import fit_probe, start_head
from ..evaluation.scoring import label_targets, main_score, score_logits, tune_task
from .classification import TASK as CLASSIFICATION
from .classification.embedding import Embedder
from .classification.tfidf import fit_logistic, logistic_logits

__all__ = ["TASK", "TOGETHER", "VECTORS", "score_together", "score_vectors"]

VECTORS = "logistic regression on the vectors of both texts"
"""The baseline's name in reports; the linear probe of a model that reads texts apart."""
TOGETHER = "logistic regression on the vector of both texts read together"
"""The baseline of such a model."""

_STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Inverse regularization strengths on standardized vectors; validation chooses."""


def score_vectors(task: PairsTask, parts: EncodedParts, base: BaseModel) -> dict[str, Evaluation]:
    """Read each text alone with the frozen encoder, and classify both vectors together.

    They are joined as InferSent does (Conneau et al. 2017, section 3.1): one, the other, their
    absolute difference and their product. A model that reads both texts at once should do better.
    """
    if task.reads_apart:
        return {}
    embedder = Embedder(base)
    train = _joined(embedder, parts.train)
    mean, scale = train.mean(0), train.std(0) + 1e-6
    vectors = {
        name: (_joined(embedder, rows) - mean) / scale for name, rows in parts.evaluated.items()
    }
    targets = label_targets(task, parts.train)
    known = parts.validation
    best: tuple[float, Task, dict[str, Any]] = (-1.0, task, {})
    for strength in _STRENGTHS:
        fitted = fit_logistic((train - mean) / scale, targets, strength=strength)
        logits = {
            name: [[row] for row in logistic_logits(task, fitted, each)]
            for name, each in vectors.items()
        }
        tuned = tune_task(task, known, logits["validation"])
        score = main_score(tuned, known, logits["validation"])
        if score > best[0]:
            best = score, tuned, logits
    _, tuned, logits = best
    return {name: score_logits(tuned, rows, logits[name]) for name, rows in parts.evaluated.items()}


def score_together(task: PairsTask, parts: EncodedParts, base: BaseModel) -> dict[str, Evaluation]:
    """Read both texts at once with the frozen encoder, and classify the one vector."""
    if not task.reads_apart:
        return {}
    together = task.model_copy(update={"reading": "together"})
    encoder = together.text_encoder(base.path / "tokenizer.json")
    known = {"train": parts.train, **parts.evaluated}
    rows = {
        name: encode_rows(together, (*each.examples, *each.unreadable), encoder)
        for name, each in known.items()
    }
    pooling = base.declared_pooling or "mean"
    model = build_model(base, together, pooling=pooling, seed=0).module
    validation = rows["validation"]
    start_head(model, fit_probe(model, together, rows.pop("train"), validation=validation))
    logits = {name: predict_logits(model, together, each.encodings) for name, each in rows.items()}
    tuned = tune_task(together, validation, logits["validation"])
    return {name: score_logits(tuned, each, logits[name]) for name, each in rows.items()}


def _joined(embedder: Embedder, rows: EncodedRows) -> FloatArray:
    """(rows, 4 · hidden)."""
    one = embedder.embed([each.text for each in rows.examples])
    other = embedder.embed([each.text_pair for each in rows.examples])
    return np.hstack([one, other, np.abs(one - other), one * other])


def _settled(recipe: Recipe, base: BaseModel) -> Recipe:
    """Each text alone, if the base was made to compare texts: a probe then begins far ahead."""
    if recipe.pairs.reading != "auto":
        return recipe
    own_head = recipe.pooling == "native" or recipe.head == "keep"
    reading = "together" if base.declared_pooling is None or own_head else "apart"
    section = recipe.pairs.model_copy(update={"reading": reading})
    return recipe.model_copy(update={"pairs": section})


TASK = replace(
    CLASSIFICATION,
    frozen_baselines={VECTORS: score_vectors, TOGETHER: score_together},
    settle=_settled,
)
