"""Scores by subgroup, by Fairlearn's ``MetricFrame`` (Weerts et al. 2023)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from burnish.arrays import DoubleArray
from burnish.errors import MissingExtraError
from burnish.evidence.bias import FEWEST_ROWS, LabelGap, SubgroupReport, SubgroupScore
from burnish.tasks import Task
from burnish.tasks.answered import Answered
from burnish.tasks.intervals import Interval, score_rows

from .gap import bound_gap

__all__ = ["check_fairlearn", "score_subgroups"]

Places = npt.NDArray[np.int64]
Metric = Callable[[Places, Places], float]
"""Takes row numbers twice, as Fairlearn passes them for both the truth and the answers."""

_CONFIDENCE = 0.95
_ERRORS = 2 * 1.959964
"""The width of a 95 % interval in standard errors."""
_MOST_LABELS = 12
"""The most labels that are compared one by one: most others are too rare in a subgroup."""


def check_fairlearn(columns: Sequence[str]) -> None:
    """Check for Fairlearn where a recipe names subgroups, before a long training.

    Raises:
        MissingExtraError: it is not installed.
    """
    if columns and find_spec("fairlearn") is None:
        raise MissingExtraError("fairlearn", "train")


def score_subgroups(
    task: Task, answered: Answered, columns: Sequence[str], *, part: str
) -> tuple[SubgroupReport, ...]:
    """Score the rows of each value of each column on their own.

    Args:
        task: the task that gave the answers.
        answered: rows with their subgroups, and the answers.
        columns: ``data.subgroups``; several share the 5 % of error (Bonferroni).
        part: the part's name.
    """
    if not columns:
        return ()
    scorer = _Scorer.of(task, answered)
    confidence = 1 - (1 - _CONFIDENCE) / len(columns)
    return tuple(
        scorer.report(
            column,
            np.array([example.subgroups[place] for example in answered.examples]),
            part=part,
            confidence=confidence,
        )
        for place, column in enumerate(columns)
    )


@dataclass(frozen=True, slots=True)
class _Scorer:
    """The rows' terms in the sums of a score, so that any selection of rows can be scored."""

    task: Task
    statistics: DoubleArray
    """(rows, k) results of ``task.row_statistics``."""
    labels: tuple[str, ...]
    """The commonest labels, for tasks with one label per text."""
    true: Places
    said: Places
    """(rows,) index into ``labels``; -1 for the others."""
    spread: float
    """Standard error of all rows' metric, times the root of their number."""

    @classmethod
    def of(cls, task: Task, answered: Answered) -> _Scorer:
        pairs = list(zip(answered.examples, answered.predictions, strict=True))
        statistics = np.stack([task.row_statistics(*pair) for pair in pairs])
        named = [label for pair in pairs if (label := task.one_label(*pair))]
        place = {label: i for i, label in enumerate(_commonest(task, [true for true, _ in named]))}
        every = score_rows(task, statistics)[task.main_metric]
        return cls(
            task=task,
            statistics=statistics,
            labels=tuple(place),
            true=_places(place, [true for true, _ in named]),
            said=_places(place, [said for _, said in named]),
            spread=_error(every) * math.sqrt(len(pairs)),
        )

    def report(
        self, column: str, names: npt.NDArray[Any], *, part: str, confidence: float
    ) -> SubgroupReport:
        """Report one column, whose (rows,) subgroups are ``names``."""
        by_group = self._frame(names).by_group
        subgroups = tuple(
            self._subgroup(str(name), np.flatnonzero(names == name), dict(by_group.loc[name]))
            for name in by_group.index
        )
        compared = [each for each in subgroups if each.compared]
        kept = np.flatnonzero(np.isin(names, [each.name for each in compared]))
        gaps = self._gaps(kept, names) if len(compared) > 1 else {}
        low, high = self._bounds(compared, names, confidence) if gaps else (None, None)
        return SubgroupReport(
            column=column,
            part=part,
            metric=self.task.main_metric,
            subgroups=subgroups,
            gap=gaps.get("score"),
            low=low,
            high=high,
            labels=self._label_gaps(gaps, compared),
        )

    def _frame(self, names: npt.NDArray[Any], rows: Places | None = None) -> Any:
        from fairlearn.metrics import MetricFrame  # brings pandas: not before it is needed

        rows = np.arange(len(names)) if rows is None else rows
        return MetricFrame(
            metrics=self._metrics(), y_true=rows, y_pred=rows, sensitive_features=names[rows]
        )

    def _metrics(self) -> dict[str, Metric]:
        metrics: dict[str, Metric] = {"score": lambda rows, _: self._score(rows)}
        for place, label in enumerate(self.labels):
            metrics[f"selection of {label}"] = _selection_of(self.said, place)
            metrics[f"recall of {label}"] = _recall_of(self.true, self.said, place)
        return metrics

    def _score(self, rows: Any) -> float:
        """The task's own metric of these rows; NaN where they have nothing to find."""
        statistics = self.statistics[np.asarray(rows)]
        if not any(self.task.to_find(statistics.sum(axis=0))):
            return math.nan
        return float(self.task.score_of(statistics)[self.task.main_metric])

    def _subgroup(self, name: str, rows: Places, found: dict[str, float]) -> SubgroupScore:
        there, _ = self.task.to_find(self.statistics[rows].sum(axis=0))
        to_find = min(len(rows), there)
        score = _number(found["score"])
        interval = None if score is None else self._interval(rows)
        return SubgroupScore(
            name=name,
            rows=len(rows),
            compared=to_find >= FEWEST_ROWS,
            score=score,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            selection={label: float(found[f"selection of {label}"]) for label in self.labels},
            recall={label: _number(found[f"recall of {label}"]) for label in self.labels},
        )

    def _interval(self, rows: Places) -> Interval:
        return score_rows(self.task, self.statistics[rows])[self.task.main_metric]

    def _gaps(self, rows: Places, names: npt.NDArray[Any]) -> dict[str, float]:
        differences = self._frame(names, rows).difference(method="between_groups")
        return {str(name): float(value) for name, value in differences.items()}

    def _bounds(
        self, compared: Sequence[SubgroupScore], names: npt.NDArray[Any], confidence: float
    ) -> tuple[float, float]:
        """Bound the gap; a subgroup's error is at least that of as many rows of the whole."""
        counts = np.array([each.rows for each in compared])
        own = [_error(self._interval(np.flatnonzero(names == each.name))) for each in compared]
        return bound_gap(
            np.array([each.score for each in compared], dtype=np.float64),
            np.maximum(own, self.spread / np.sqrt(counts)),
            confidence=confidence,
        )

    def _label_gaps(
        self, gaps: dict[str, float], compared: Sequence[SubgroupScore]
    ) -> tuple[LabelGap, ...]:
        found = [
            LabelGap(
                label=label,
                selection=gaps[f"selection of {label}"],
                recall=gaps[f"recall of {label}"]
                if sum(each.recall[label] is not None for each in compared) > 1
                else None,
            )
            for label in (self.labels if gaps else ())
        ]
        return tuple(sorted(found, key=lambda each: (-each.selection, each.label)))


def _commonest(task: Task, labels: Sequence[str]) -> list[str]:
    """The labels to compare one by one; none where rows do not have exactly one label."""
    counts = Counter(labels)
    ranked = sorted(task.answer_labels, key=lambda label: (-counts[label], label))
    return ranked[:_MOST_LABELS] if labels else []


def _places(place: dict[str, int], labels: Sequence[str]) -> Places:
    """(rows,) the index of each row's label; -1 for labels that are not compared."""
    return np.array([place.get(label, -1) for label in labels], dtype=np.int64)


def _selection_of(said: Places, label: int) -> Metric:
    return lambda rows, _: float((said[np.asarray(rows)] == label).mean())


def _recall_of(true: Places, said: Places, label: int) -> Metric:
    def recall(rows: Places, _: Places) -> float:
        there = np.asarray(rows)[true[np.asarray(rows)] == label]
        return float((said[there] == label).mean()) if len(there) >= FEWEST_ROWS else math.nan

    return recall


def _error(interval: Interval) -> float:
    """The standard error of an interval; it is above 0 even where all answers are right."""
    return (interval.high - interval.low) / _ERRORS


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
