"""TF-IDF with logistic regression: the score of a classifier without any pre-training.

It needs only a row's text and the task's targets, so any task with labels for a whole text can use
it.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from burnish.tasks import Task
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation

from ...data.splits import EncodedParts
from ...evaluation.scoring import label_targets, score_logits, tune_task

__all__ = ["ABSENT", "TFIDF", "TFIDF_STRENGTH", "fit_logistic", "logistic_logits", "score_tfidf"]

TFIDF = "TF-IDF with logistic regression"
"""The baseline's name in reports."""

TFIDF_STRENGTH = 10.0
"""Inverse regularization: on five sets the best of 1, 10 and 100, or within a point of it."""
ABSENT = -10.0
"""Logit of a label that no training row has."""


def score_tfidf(task: Task, parts: EncodedParts) -> dict[str, Evaluation]:
    """Fit on train, tune thresholds on validation as for the model, and score every part."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    vectors = vectorizer.fit_transform(_texts(parts.train))
    fitted = fit_logistic(vectors, label_targets(task, parts.train), strength=TFIDF_STRENGTH)

    def logits(rows: EncodedRows) -> list[list[npt.NDArray[np.float32]]]:
        found = logistic_logits(task, fitted, vectorizer.transform(_texts(rows)))
        return [[row] for row in found]

    task = tune_task(task, parts.validation, logits(parts.validation))
    return {name: score_logits(task, rows, logits(rows)) for name, rows in parts.evaluated.items()}


def fit_logistic(vectors: Any, targets: npt.NDArray[Any], *, strength: float) -> Any:
    """Fit a classifier, or return the index of the only label in train.

    Args:
        vectors: (rows, features), sparse or not.
        targets: as :func:`label_targets` gives them.
        strength: inverse regularization.
    """
    regression = LogisticRegression(C=strength, max_iter=300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "Label .* is present in all training examples")
        if targets.ndim > 1:
            return OneVsRestClassifier(regression).fit(vectors, targets)
        if (targets == targets[0]).all():
            return int(targets[0])
        return regression.fit(vectors, targets)


def logistic_logits(task: Task, fitted: Any, vectors: Any) -> npt.NDArray[np.float32]:
    """(texts, labels) logits, as from a model."""
    logits = np.full((vectors.shape[0], len(task.output_labels)), ABSENT, dtype=np.float32)
    if isinstance(fitted, int):
        logits[:, fitted] = 0.0
        return logits
    found = fitted.decision_function(vectors)
    if isinstance(fitted, OneVsRestClassifier):
        logits[:] = found.reshape(logits.shape)
        for place, each in enumerate(fitted.estimators_):
            if not hasattr(each, "coef_"):  # every row has the label, or none has
                logits[:, place] = -ABSENT if each.y_[0] else ABSENT
        return logits
    if found.ndim == 1:  # two labels: the difference of their logits
        found = np.stack([np.zeros_like(found), found], axis=1)
    logits[:, fitted.classes_] = found
    return logits


def _texts(rows: EncodedRows) -> list[str]:
    return [example.input_text for example in rows.examples]
