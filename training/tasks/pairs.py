"""This task's part of training: that of classification, and what the two vectors alone reach."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from burnish.arrays import FloatArray
from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.pairs.settings import PairsTask
from burnish.torch_models.base import BaseModel

from ..data.splits import EncodedParts
from ..evaluation.scoring import label_targets, main_score, score_logits, tune_task
from .classification import TASK as CLASSIFICATION
from .classification.embedding import Embedder
from .classification.tfidf import fit_logistic, logistic_logits

__all__ = ["TASK", "VECTORS", "score_vectors"]

VECTORS = "logistic regression on the vectors of both texts"
"""The baseline's name in reports."""

_STRENGTHS = (0.001, 0.01, 0.1, 1.0)
"""Inverse regularization strengths on standardized vectors; validation chooses."""


def score_vectors(task: PairsTask, parts: EncodedParts, base: BaseModel) -> dict[str, Evaluation]:
    """Read each text alone with the frozen encoder, and classify both vectors together.

    They are joined as InferSent does (Conneau et al. 2017, section 3.1): one, the other, their
    absolute difference and their product. A model that reads both texts at once should do better.
    """
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


def _joined(embedder: Embedder, rows: EncodedRows) -> FloatArray:
    """(rows, 4 · hidden)."""
    one = embedder.embed([each.text for each in rows.examples])
    other = embedder.embed([each.text_pair for each in rows.examples])
    return np.hstack([one, other, np.abs(one - other), one * other])


TASK = replace(CLASSIFICATION, frozen_baselines={VECTORS: score_vectors})
