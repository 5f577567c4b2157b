"""TF-IDF with logistic regression: what a classifier without any pre-training reaches."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from burnish.tasks import ClassificationTask
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation

from ...data.splits import EncodedParts
from ..scoring import score_logits, tune_task

__all__ = ["score_tfidf"]

_STRENGTH = 10.0
"""Inverse regularization: of 1, 10 and 100 the best, or within a point of it, on five sets."""
_ABSENT = -10.0
"""Logit of a label that no training row has."""


def score_tfidf(task: ClassificationTask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Fit on train, tune thresholds on validation as for the model, score every part."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    fitted = _fit(task, vectorizer.fit_transform(_texts(parts.train)), parts.train.examples)

    def logits(rows: EncodedRows) -> list[list[npt.NDArray[np.float32]]]:
        found = _logits(task, fitted, vectorizer.transform(_texts(rows)))
        return [[row] for row in found]

    task = tune_task(task, parts.validation, logits(parts.validation))  # type: ignore[assignment]
    return {name: score_logits(task, rows, logits(rows)) for name, rows in parts.evaluated.items()}


def _fit(task: ClassificationTask, vectors: Any, examples: Sequence[Any]) -> Any:
    regression = LogisticRegression(C=_STRENGTH, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Label not .* is present in all training examples")
        if task.multi_label:
            present = np.array([[label in e.labels for label in task.labels] for e in examples])
            return OneVsRestClassifier(regression).fit(vectors, present)
        if len({e.labels[0] for e in examples}) == 1:
            return examples[0].labels[0]
        return regression.fit(vectors, [e.labels[0] for e in examples])


def _logits(task: ClassificationTask, fitted: Any, vectors: Any) -> npt.NDArray[np.float32]:
    """(texts, labels) as a model gives them."""
    logits = np.full((vectors.shape[0], len(task.labels)), _ABSENT, dtype=np.float32)
    if isinstance(fitted, str):  # a single label in train
        logits[:, task.labels.index(fitted)] = 0.0
        return logits
    found = fitted.decision_function(vectors)
    if task.multi_label:
        logits[:] = found.reshape(logits.shape)
        return logits
    if found.ndim == 1:  # two labels: the second's logit against the first's
        found = np.stack([np.zeros_like(found), found], axis=1)
    logits[:, [task.labels.index(label) for label in fitted.classes_]] = found
    return logits


def _texts(rows: EncodedRows) -> list[str]:
    examples: Sequence[ClassificationExample] = rows.examples  # type: ignore[assignment]
    return [example.text for example in examples]
