"""This task's part of training: TF-IDF with the labels of a path side by side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.taxonomy.settings import TaxonomyTask

from ..data.splits import EncodedParts
from ..evaluation.scoring import label_targets, score_logits, tune_task
from .classification import TASK as CLASSIFICATION
from .classification.tfidf import TFIDF_STRENGTH, fit_logistic, logistic_logits
from .kind import TrainingTask

__all__ = ["FLAT_TFIDF", "TASK", "score_flat_tfidf"]

FLAT_TFIDF = "TF-IDF with logistic regression of each label"
"""The baseline's name in reports."""


def score_flat_tfidf(task: TaxonomyTask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Fit each label by itself; the tree only keeps what is given consistent.

    Of one path the leaves alone compete.
    """
    flat: TaxonomyTask = task.model_copy(update={"loss": "flat", "multi_label": True})
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    vectors = vectorizer.fit_transform(_texts(parts.train))
    targets = label_targets(flat, parts.train)
    fitted = fit_logistic(vectors, targets, strength=TFIDF_STRENGTH)

    def logits(rows: EncodedRows) -> list[list[npt.NDArray[np.float32]]]:
        found = logistic_logits(flat, fitted, vectorizer.transform(_texts(rows)))
        return [[row] for row in found]

    judged = task.model_copy(update={"loss": "flat"})
    tuned = tune_task(judged, parts.validation, logits(parts.validation))
    return {name: score_logits(tuned, rows, logits(rows)) for name, rows in parts.evaluated.items()}


def _texts(rows: EncodedRows) -> list[str]:
    return [example.input_text for example in rows.examples]


TASK = TrainingTask(baselines={FLAT_TFIDF: score_flat_tfidf}, frozen=CLASSIFICATION.frozen)
