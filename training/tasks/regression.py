"""This task's part of training: what a constant and what words alone reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeCV

from burnish.arrays import DoubleArray, FloatArray
from burnish.plural import plural
from burnish.tasks.encoded import EncodedRows
from burnish.tasks.evaluation import Evaluation
from burnish.tasks.regression.conformal import CONFIDENCE
from burnish.tasks.regression.example import ScoreExample
from burnish.tasks.regression.settings import RegressionTask

from ..data.splits import EncodedParts
from ..diagnostics.frozen import NoReader
from ..evaluation.ridge import score_targets
from ..evaluation.scoring import score_logits
from .kind import Figure, TrainingTask

__all__ = ["MEDIAN", "TASK", "TFIDF_RIDGE", "score_median", "score_tfidf_ridge"]

MEDIAN = "the median of the training rows"
TFIDF_RIDGE = "TF-IDF with ridge regression"
"""The baselines' names in reports."""

_PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
"""Of which leave-one-out on the training rows takes the best."""


def score_median(task: RegressionTask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Give every text the score with the least mean absolute error of any constant."""
    median = float(np.median(score_targets(task, parts.train)))
    return _scored(task, parts, lambda rows: np.full(len(rows.examples), median))


def score_tfidf_ridge(task: RegressionTask, parts: EncodedParts) -> dict[str, Evaluation]:
    """Fit on train, the intervals on validation as for the model, and score every part."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    vectors = vectorizer.fit_transform(_texts(parts.train))
    model = RidgeCV(alphas=_PENALTIES).fit(vectors, score_targets(task, parts.train))
    return _scored(task, parts, lambda rows: model.predict(vectorizer.transform(_texts(rows))))


def _scored(
    task: RegressionTask,
    parts: EncodedParts,
    predict: Callable[[EncodedRows], DoubleArray],
) -> dict[str, Evaluation]:
    """The scores of a method that gives standard deviations from the mean."""

    def logits(rows: EncodedRows) -> list[list[FloatArray]]:
        return [[np.array([each], dtype=np.float32)] for each in predict(rows)]

    known = parts.validation
    task = task.fit(known.examples, known.encodings, logits(known))
    return {name: score_logits(task, rows, logits(rows)) for name, rows in parts.evaluated.items()}


def _texts(rows: EncodedRows) -> list[str]:
    return [example.input_text for example in rows.examples]


def _no_curve(examples: Sequence[ScoreExample]) -> str:
    return (
        plural(len(examples), "# [row|rows]")
        + ". burnish has no cheap learning curve for scores: train on half of the rows and on all, "
        "and compare"
    )


def _coverage(task: RegressionTask, judged: Evaluation, part: str) -> Iterator[Figure]:
    """The share of rows whose interval holds, as high as chance allows."""
    found = judged.metrics["coverage"]
    if task.half_width is None:
        detail = "no interval is known: it takes 9 validation rows at least"
        yield "interval_coverage", 0.0, detail
        return
    detail = (
        f"the intervals hold the true score of {100 * found.value:.1f} % of the rows of {part} "
        f"({100 * found.low:.1f} to {100 * found.high:.1f} %), {100 * CONFIDENCE:g} % intended; "
        "the figure is the upper end"
    )
    yield "interval_coverage", found.high, detail


TASK = TrainingTask(
    figures=_coverage,
    baselines={MEDIAN: score_median, TFIDF_RIDGE: score_tfidf_ridge},
    frozen=NoReader(_no_curve, "scores have no cheap classifier for this"),
)
