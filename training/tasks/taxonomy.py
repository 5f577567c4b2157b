"""This task's part of training: TF-IDF with the labels of a path side by side."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.taxonomy.settings import TaxonomyTask

from ..data.splits import EncodedParts
from ..evaluation.scoring import score_logits, tune_task
from .classification import TASK as CLASSIFICATION
from .classification.tfidf import ABSENT, TFIDF_STRENGTH, fit_logistic
from .kind import TrainingTask

__all__ = ["FLAT_TFIDF", "TASK", "score_flat_tfidf"]

FLAT_TFIDF = "TF-IDF with logistic regression of each label"
"""The baseline's name in reports."""


def score_flat_tfidf(task: TaxonomyTask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Fit each label by itself; the tree only keeps what is given consistent.

    Of one path the leaves alone compete.
    """
    several: TaxonomyTask = task.model_copy(update={"multi_label": True})
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    vectors = vectorizer.fit_transform(_texts(parts.train))
    pairs = zip(parts.train.examples, parts.train.encodings, strict=True)
    targets = np.stack([several.targets(*each)[0] for each in pairs])
    known = [np.flatnonzero(column >= 0) for column in targets.T]  # below: the row does not say
    fitted = [
        fit_logistic(vectors[rows], (column[rows] > 0).astype(int), strength=TFIDF_STRENGTH)
        if len(rows)
        else 0
        for rows, column in zip(known, targets.T, strict=True)
    ]

    def logits(rows: EncodedRows) -> list[list[npt.NDArray[np.float32]]]:
        given = vectorizer.transform(_texts(rows))
        columns = [
            np.full(given.shape[0], ABSENT * (1 - 2 * each))
            if isinstance(each, int)
            else each.decision_function(given)
            for each in fitted
        ]
        return [[row] for row in np.stack(columns, axis=1).astype(np.float32)]

    judged = task.model_copy(update={"loss": "flat"})
    tuned = tune_task(judged, parts.validation, logits(parts.validation))
    return {name: score_logits(tuned, rows, logits(rows)) for name, rows in parts.evaluated.items()}


def _texts(rows: EncodedRows) -> list[str]:
    return [example.input_text for example in rows.examples]


TASK = TrainingTask(baselines={FLAT_TFIDF: score_flat_tfidf}, frozen=CLASSIFICATION.frozen)
