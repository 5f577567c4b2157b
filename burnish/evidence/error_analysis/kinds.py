"""Kinds of errors, as each task tells them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from burnish.tasks.base import ExampleT, PredictionT
from burnish.tasks.errors import ErrorReader

__all__ = ["count_kinds"]


def count_kinds(
    reader: ErrorReader[ExampleT, PredictionT],
    examples: Sequence[ExampleT],
    predictions: Sequence[PredictionT],
) -> dict[str, int]:
    """Errors by kind, most frequent first; empty where confusions of labels say more."""
    counts: Counter[str] = Counter()
    for example, prediction in zip(examples, predictions, strict=True):
        counts.update(reader.kinds(example, prediction))
    return dict(counts.most_common())
