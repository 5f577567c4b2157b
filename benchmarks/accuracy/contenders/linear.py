"""Logistic regression; validation chooses its strength and, with several labels, a threshold."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from given import Given, labels_of
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
THRESHOLDS = np.linspace(0.05, 0.95, 19)


def best_linear(given: Given, vectors: dict[str, Any]) -> tuple[list[Any], str]:
    """Answers for the test rows, by the best strength on validation.

    Args:
        given: the draw.
        vectors: (rows, width) by part, for scikit-learn.
    """
    warnings.simplefilter("ignore", ConvergenceWarning)
    several = given.answer == "labels"
    train, held = given.rows("train"), given.rows("validation")
    names = sorted({label for row in train for label in labels_of(row)})
    best: tuple[float, list[Any], str] = (-1.0, [], "")
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=300)
        if several:
            model = OneVsRestClassifier(model)
            model.fit(vectors["train"], _table(train, names))
        else:
            model.fit(vectors["train"], [row["label"] for row in train])
        known = model.classes_ if not several else np.array(names)
        held_scores = model.predict_proba(vectors["validation"])
        test_scores = model.predict_proba(vectors["test"])
        for threshold in THRESHOLDS if several else (0.0,):
            reached = label_score(labels_said(held_scores, known, threshold, several=several), held)
            if reached > best[0]:
                said = labels_said(test_scores, known, threshold, several=several)
                chosen = f"C={strength:g}" + (f", threshold {threshold:.2f}" if several else "")
                best = reached, said, chosen
    return best[1], best[2]


def _table(rows: list[dict[str, Any]], names: list[str]) -> Any:
    return np.array([[name in labels_of(row) for name in names] for row in rows], dtype=int)


def labels_said(scores: Any, names: Any, threshold: float, *, several: bool) -> list[Any]:
    if not several:
        return [str(name) for name in names[scores.argmax(1)]]
    return [[str(name) for name in names[row > threshold]] for row in scores]


def label_score(said: list[Any], rows: list[dict[str, Any]]) -> float:
    """Accuracy, or micro F1."""
    if rows and "label" in rows[0]:
        return sum(a == row["label"] for a, row in zip(said, rows, strict=True)) / len(rows)
    hits = sum(len({*a} & {*row["labels"]}) for a, row in zip(said, rows, strict=True))
    weight = sum(len(a) + len(row["labels"]) for a, row in zip(said, rows, strict=True))
    return 2 * hits / max(weight, 1)
