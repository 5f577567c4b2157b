"""Scores of several models on the same rows, and each one's difference from the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from burnish.arrays import DoubleArray
from burnish.errors import UsageError
from burnish.tasks import Example, Prediction, Task
from burnish.tasks.intervals import Interval, percentiles, resample, score_rows, wilson
from burnish.tasks.mcnemar import paired_test

__all__ = ["Comparison", "Contestant", "Duel", "Standing", "compare_models"]

_RESAMPLES, _SEED = 2000, 13

Verdict = Literal["better", "worse", "not told apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A model, and its answers to all rows."""

    name: str
    task: Task
    predictions: tuple[Prediction, ...]
    """In the order of the rows."""
    cpu_ms: float
    """Processor time of an answer, all threads together."""
    size_bytes: int
    """Of what has to be there to answer."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A model's own figures."""

    name: str
    metrics: dict[str, Interval]
    cpu_ms: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Duel:
    """A model against the first one."""

    name: str
    difference: Interval
    """Its score less that of the first, with the 95 % interval of a paired bootstrap."""
    only_this: int
    """Rows that it answers right in full and the first does not."""
    only_first: int
    """The reverse."""
    p_value: float
    """Exact McNemar test of these two counts."""
    same: int
    """Rows with the same answer, right or wrong."""

    @property
    def verdict(self) -> Verdict:
        """What the interval of the difference says."""
        if self.difference.low > 0:
            return "better"
        return "worse" if self.difference.high < 0 else "not told apart"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several models on the same rows."""

    metric: str
    examples: tuple[Example, ...]
    contestants: tuple[Contestant, ...]
    standings: tuple[Standing, ...]
    duels: tuple[Duel, ...]
    """One for each model but the first."""
    differing: tuple[int, ...]
    """Places of the rows to which not all give the same answer."""

    def to_json(self) -> dict[str, Any]:
        """The document of ``--json``; it holds no text of a row."""
        return {
            "metric": self.metric,
            "rows": len(self.examples),
            "models": [
                {
                    "model": each.name,
                    "metrics": {name: asdict(found) for name, found in each.metrics.items()},
                    "cpu_ms": each.cpu_ms,
                    "bytes": each.size_bytes,
                }
                for each in self.standings
            ],
            "against_the_first": [{**asdict(each), "verdict": each.verdict} for each in self.duels],
            "differing": [
                {
                    "row": self.examples[place].id,
                    "right": [
                        each.task.correct(self.examples[place], each.predictions[place])
                        for each in self.contestants
                    ],
                }
                for place in self.differing
            ],
        }


def compare_models(examples: Sequence[Example], contestants: Sequence[Contestant]) -> Comparison:
    """Compare models' answers to the same rows with the first one's.

    The rows of a resample are the same for all models, so that what is hard or easy for all of
    them moves no difference.

    Args:
        examples: rows with their true answers; at least one.
        contestants: at least two, of one kind of task.

    Raises:
        UsageError: they are not of one kind, or not scored alike.
    """
    first = contestants[0]
    metric = first.task.main_metric
    statistics = [_statistics(each, examples) for each in contestants]
    for each, rows in zip(contestants[1:], statistics[1:], strict=True):
        if each.task.task != first.task.task or metric not in each.task.score_of(rows):
            raise UsageError(
                f"{each.name} is a model for {each.task.task} that has no {metric}: "
                f"{first.name} is for {first.task.task}",
                "compare models that were trained for the same task",
            )
    drawn = [
        resample(each.task, rows, seed=_SEED, resamples=_RESAMPLES)[metric]
        for each, rows in zip(contestants, statistics, strict=True)
    ]
    scores = [
        float(each.task.score_of(rows)[metric])
        for each, rows in zip(contestants, statistics, strict=True)
    ]
    return Comparison(
        metric=metric,
        examples=tuple(examples),
        contestants=tuple(contestants),
        standings=tuple(
            Standing(each.name, score_rows(each.task, rows), each.cpu_ms, each.size_bytes)
            for each, rows in zip(contestants, statistics, strict=True)
        ),
        duels=tuple(
            _duel(first, each, examples, scores[at] - scores[0], drawn[at] - drawn[0])
            for at, each in enumerate(contestants[1:], start=1)
        ),
        differing=tuple(
            place
            for place, given in enumerate(zip(*(c.predictions for c in contestants), strict=True))
            if not all(first.task.same_answer(given[0], other) for other in given[1:])
        ),
    )


def _statistics(contestant: Contestant, examples: Sequence[Example]) -> DoubleArray:
    pairs = zip(examples, contestant.predictions, strict=True)
    return np.stack([contestant.task.row_statistics(*pair) for pair in pairs])


def _duel(
    first: Contestant,
    other: Contestant,
    examples: Sequence[Example],
    difference: float,
    drawn: DoubleArray,
) -> Duel:
    right = [
        (first.task.correct(e, one), other.task.correct(e, two))
        for e, one, two in zip(examples, first.predictions, other.predictions, strict=True)
    ]
    only_first = sum(one and not two for one, two in right)
    only_this = sum(two and not one for one, two in right)
    pairs = zip(first.predictions, other.predictions, strict=True)
    return Duel(
        name=other.name,
        difference=_interval(difference, drawn, rows=len(examples)),
        only_this=only_this,
        only_first=only_first,
        p_value=paired_test(only_first, only_this),
        same=sum(first.task.same_answer(*pair) for pair in pairs),
    )


def _interval(difference: float, drawn: DoubleArray, *, rows: int) -> Interval:
    """The bootstrap's; where it shows no spread, what so few rows can say of a rare difference."""
    low, high = percentiles(difference, drawn)
    if low == high:
        _, most = wilson(0.0, rows)
        low, high = low - most, high + most
    return Interval(difference, low, high)
