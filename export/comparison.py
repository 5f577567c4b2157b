"""Two graphs on the same rows: what the second one loses, with an exact paired test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from burnish.data import Example
from burnish.tasks import Prediction, Task
from burnish.tasks.mcnemar import paired_test

__all__ = ["Comparison", "RecallLoss", "compare"]


@dataclass(frozen=True, slots=True)
class RecallLoss:
    """The label whose recall falls most."""

    label: str
    points: float
    """Percentage points; 0 where no label loses."""
    support: int
    """How many rows have the label."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a graph compares with a reference on the same rows."""

    rows: int
    metric: str
    before: float
    """The reference's score."""
    after: float
    agreement: float
    """Share of the answers that stay: rows, or labels where a row may have several."""
    lost: int
    """Rows that the reference answers right in full and the graph does not."""
    gained: int
    """The reverse."""
    p_value: float
    """How likely so uneven a division of lost and gained answers is if neither graph is better."""
    recall_loss: RecallLoss
    detail: str = ""
    """What the task says of the answers that differ."""

    @property
    def metric_loss(self) -> float:
        """Percentage points that the graph loses; negative where it is better."""
        return 100 * (self.before - self.after)

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the manifest."""
        return {**asdict(self), "metric_loss": self.metric_loss}


def compare(
    task: Task,
    examples: Sequence[Example],
    before: Sequence[Prediction],
    after: Sequence[Prediction],
) -> Comparison:
    """Compare predictions of the same rows."""
    triples = list(zip(examples, before, after, strict=True))
    right = [(task.correct(e, b), task.correct(e, a)) for e, b, a in triples]
    lost = sum(b and not a for b, a in right)
    gained = sum(a and not b for b, a in right)
    rows = [
        np.stack([task.row_statistics(e, p) for e, p in zip(examples, some, strict=True)])
        for some in (before, after)
    ]
    scores = [float(task.score_of(each)[task.main_metric]) for each in rows]
    return Comparison(
        rows=len(triples),
        metric=task.main_metric,
        before=scores[0],
        after=scores[1],
        agreement=_agreement(task, before, after),
        lost=lost,
        gained=gained,
        p_value=paired_test(lost, gained),
        recall_loss=_recall_loss(task, *(each.sum(axis=0) for each in rows)),
        detail=task.agreement_detail(before, after),
    )


def _agreement(task: Task, before: Sequence[Prediction], after: Sequence[Prediction]) -> float:
    shared, given = 0.0, 0.0
    for one, other in zip(before, after, strict=True):
        both, each = task.shared_answers(one, other)
        shared, given = shared + both, given + each
    return shared / given


def _recall_loss(task: Task, before: Any, after: Any) -> RecallLoss:
    counts, others = task.label_counts(before), task.label_counts(after)
    losses = [
        RecallLoss(label, 100 * (count.right - others[label].right) / count.true, int(count.true))
        for label, count in counts.items()
        if count.true
    ]
    worst = max(losses, key=lambda loss: (loss.points, loss.support), default=None)
    return worst if worst and worst.points > 0 else RecallLoss("", 0.0, 0)
