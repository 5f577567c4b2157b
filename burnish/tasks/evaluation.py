"""Scores of a set of predictions, with intervals, a table of labels and the confusions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from burnish.data.examples import Example
from burnish.tasks.base import LabelCounts
from burnish.tasks.classification import ClassificationTask
from burnish.tasks.predictions import Prediction
from burnish.tasks.scores import f1, ratio

__all__ = ["Evaluation", "Interval", "LabelScores", "evaluate"]

_BATCH = 100
"""Bootstrap resamples drawn at once: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A score and its 95 % interval (percentile bootstrap over rows, Efron 1979)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Scores of one label; ``support`` is how often it is true."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What ``metrics.json`` says of one part of the data."""

    rows: int
    metrics: dict[str, Interval]
    labels: dict[str, LabelScores]
    confusion: tuple[tuple[str, str, int], ...]
    """Of one label a text: (true, predicted, count), errors alone, most frequent first."""

    def values(self) -> dict[str, float]:
        """The metrics without their intervals."""
        return {name: interval.value for name, interval in self.metrics.items()}

    def to_json(self) -> dict[str, Any]:
        """A document for ``metrics.json``."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Evaluation:
        """Read what ``to_json`` wrote."""
        return cls(
            rows=document["rows"],
            metrics={name: Interval(**entry) for name, entry in document["metrics"].items()},
            labels={name: LabelScores(**entry) for name, entry in document["labels"].items()},
            confusion=tuple((t, p, n) for t, p, n in document["confusion"]),
        )


def evaluate(
    task: Any,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    seed: int = 13,
    resamples: int = 1000,
) -> Evaluation:
    """Score predictions against examples, in the same order.

    Args:
        task: the task that made the predictions.
        examples: rows with their true answers; at least one.
        predictions: one a row.
        seed: of the bootstrap.
        resamples: of the bootstrap.
    """
    rows = np.stack([task.row_statistics(e, p) for e, p in zip(examples, predictions, strict=True)])
    values = task.metrics(rows.sum(axis=0))
    bounds = _bounds(task, rows, seed=seed, resamples=resamples)
    return Evaluation(
        rows=len(rows),
        metrics={name: Interval(float(v), *bounds[name]) for name, v in values.items()},
        labels={
            label: _label_scores(counts)
            for label, counts in task.label_counts(rows.sum(axis=0)).items()
        },
        confusion=_confusion(task, examples, predictions),
    )


def _bounds(
    task: Any, rows: np.ndarray[Any, Any], *, seed: int, resamples: int
) -> dict[str, tuple[float, float]]:
    rng = np.random.default_rng(seed)
    count = len(rows)
    batches = []
    for begin in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - begin)
        weights = rng.multinomial(count, np.full(count, 1 / count), size=size)
        batches.append(task.metrics(weights.astype(np.float64) @ rows))
    drawn = {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
    return {
        name: (float(np.quantile(v, 0.025)), float(np.quantile(v, 0.975)))
        for name, v in drawn.items()
    }


def _label_scores(counts: LabelCounts) -> LabelScores:
    right, predicted, true = (
        np.array(value) for value in (counts.right, counts.predicted, counts.true)
    )
    return LabelScores(
        precision=float(ratio(right, predicted)),
        recall=float(ratio(right, true)),
        f1=float(f1(right, predicted, true)),
        support=int(counts.true),
    )


def _confusion(
    task: Any, examples: Sequence[Any], predictions: Sequence[Any]
) -> tuple[tuple[str, str, int], ...]:
    if not isinstance(task, ClassificationTask) or task.multi_label:
        return ()
    pairs = Counter(
        (example.labels[0], prediction.labels[0])
        for example, prediction in zip(examples, predictions, strict=True)
        if example.labels[0] != prediction.labels[0]
    )
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return tuple((true, predicted, count) for (true, predicted), count in ranked)
