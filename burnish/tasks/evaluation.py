"""Scores of a set of predictions, with intervals, a table of labels and the confusions."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from burnish.data.checks.spelling import label_form
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.base import ExampleT, InputT, LabelCounts, PredictionT, Task, TaskSettings
from burnish.tasks.intervals import Interval, score_rows
from burnish.tasks.scores import f1, ratio

if TYPE_CHECKING:
    from burnish.data.rows import Rows

__all__ = [
    "Evaluation",
    "Interval",
    "LabelScores",
    "check_labels",
    "distinct",
    "evaluate",
    "label_hint",
]

_SHOWN = 10
"""Labels that a message lists."""


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Scores of one label; ``support`` is how often it is true."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The scores of one part of the data in ``metrics.json``."""

    rows: int
    metrics: dict[str, Interval]
    labels: dict[str, LabelScores]
    confusion: tuple[tuple[str, str, int], ...]
    """(true, predicted, count) of each error of tasks with one label, most frequent first."""

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


def distinct(
    rivals: Mapping[str, Mapping[str, Evaluation]], own: Mapping[str, Evaluation]
) -> dict[str, dict[str, Evaluation]]:
    """The rivals whose scores differ from the model's; an equal column would show nothing new.

    Args:
        rivals: scores by name, then by part of the data.
        own: the model's, by part.
    """
    return {
        name: dict(parts)
        for name, parts in rivals.items()
        if any(evaluation != own.get(part) for part, evaluation in parts.items())
    }


def check_labels(task: Task, rows: Rows) -> None:
    """Refuse rows that a task cannot be scored on: it can never give a label that it does not know.

    Args:
        task: the task of the model.
        rows: what it is to be scored on.

    Raises:
        DataError: as ``check_form`` of the task, or a row holds a label that the model does not
            know.
    """
    task.check_form(rows)
    unknown = [(e.id, new) for e in rows.examples if (new := task.unknown_labels(e))]
    if unknown:
        row, labels = unknown[0]
        label = min(labels)
        raise DataError(
            f"{row}: the model does not know the label {label!r}; "
            + plural(len(unknown), "# [row holds|rows hold] such a label"),
            label_hint(label, task.answer_labels),
        )


def label_hint(label: str, known: Sequence[str]) -> str:
    """What to do about a label that a model does not know."""
    forms = {label_form(each): each for each in known}
    near = difflib.get_close_matches(label_form(label), forms, n=1)
    if near:
        nearest = f"did you mean {forms[near[0]]!r}?"
    else:
        nearest = (
            f"the model knows {', '.join(known[:_SHOWN])}{', …' if len(known) > _SHOWN else ''};"
        )
    return f"{nearest} rename the label or remove the rows, or train a model with it"


def evaluate(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    examples: Sequence[ExampleT],
    predictions: Sequence[PredictionT],
    *,
    seed: int = 13,
    resamples: int = 1000,
) -> Evaluation:
    """Score predictions against examples, in the same order.

    Args:
        task: the task that made the predictions.
        examples: rows with their true answers; at least one.
        predictions: one per row.
        seed: of the bootstrap.
        resamples: of the bootstrap.
    """
    rows = np.stack([task.row_statistics(e, p) for e, p in zip(examples, predictions, strict=True)])
    return Evaluation(
        rows=len(rows),
        metrics=score_rows(task, rows, seed=seed, resamples=resamples),
        labels={
            label: _label_scores(counts)
            for label, counts in task.label_counts(rows.sum(axis=0)).items()
        },
        confusion=_confusion(task, examples, predictions),
    )


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
    task: TaskSettings[InputT, ExampleT, PredictionT],
    examples: Sequence[ExampleT],
    predictions: Sequence[PredictionT],
) -> tuple[tuple[str, str, int], ...]:
    pairs = Counter(
        found
        for each in zip(examples, predictions, strict=True)
        if (found := task.one_label(*each)) and found[0] != found[1] != ""
    )
    ranked = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    return tuple((true, predicted, count) for (true, predicted), count in ranked)
