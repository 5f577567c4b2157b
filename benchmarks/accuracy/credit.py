"""What a test row counts: how much of it was right, and how much there was to get right.

A score is the sum of the first by the sum of the second. With one label that is accuracy; with
several labels and with entities it is micro F1 (twice the hits, by all that was said and all that
was true); with answers it is SQuAD's F1 of words, averaged over rows. Sums per row are what a
paired bootstrap over rows needs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from burnish.arrays import DoubleArray
from burnish.tasks.qa.squad import token_f1

from .draws import Row
from .sets import LabelledSet

__all__ = ["row_credits", "score"]


def row_credits(labelled: LabelledSet, rows: Sequence[Row], said: Sequence[Any]) -> DoubleArray:
    """(rows, 2): hits and weight per row.

    Args:
        labelled: the set, for the form of an answer.
        rows: test rows.
        said: predictions in the form of the rows' own answers.
    """
    pairs = [
        _credit(labelled.answer, row[labelled.answer], each)
        for row, each in zip(rows, said, strict=True)
    ]
    return np.array(pairs, dtype=np.float64).reshape(-1, 2)


def score(each: DoubleArray) -> float:
    """The score of credits."""
    return float(each[:, 0].sum() / max(each[:, 1].sum(), 1.0))


def _credit(form: str, true: Any, said: Any) -> tuple[float, float]:
    if form == "label":
        return float(true == said), 1.0
    if form == "answers":
        return token_f1(said, [each["text"] for each in true]), 1.0
    wanted, given = _items(true), _items(said)
    hits = sum((wanted & given).values())
    return 2.0 * hits, float(wanted.total() + given.total())


def _items(answer: Sequence[Any]) -> Counter[Any]:
    """Labels, or entities as start, end and label."""
    return Counter(
        each if isinstance(each, str) else (each["start"], each["end"], each["label"])
        for each in answer
    )
