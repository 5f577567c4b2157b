"""Several seeds of one training: how much of a score is chance, and which model to keep.

With few rows, seeds alone move a score by points, and some runs fail (Dodge et al. 2020,
"Fine-Tuning Pretrained Language Models: Weight Initializations, Data Orders, and Early Stopping";
Mosbach et al. 2021, "On the Stability of Fine-tuning BERT"). Split and rows are the same for all.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from burnish.errors import DivergedError
from burnish.notify import Notify
from burnish.tasks import Task
from burnish.tasks.answered import Answered

from .averaging import WeightAverage
from .tuned import Tuned

__all__ = ["Flag", "SeedRun", "Seeds", "train_seeds"]

Flag = Literal["not a number", "below its start", "far below the best"]
"""What is wrong with a seed's run. Its loss was not a finite number; or no epoch reached its start
(for a classifier the linear probe: Mosbach et al. call a run failed that is no better than the
majority's label); or its best epoch is below the best seed by more than the width of the 95 %
interval of that seed's validation score."""


@dataclass(frozen=True, slots=True)
class SeedRun:
    """The outcome of one seed."""

    seed: int
    scores: dict[str, float]
    """The main metric by part; empty where the loss was not a finite number."""
    tuned_score: float | None
    """Validation score of the best tuned epoch; None where there is none."""
    best_epoch: int | None
    epochs_run: int | None
    flag: Flag | None = None
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the run."""
        counts = {"best_epoch": self.best_epoch, "epochs_run": self.epochs_run}
        flag = {"flag": self.flag, **({"detail": self.detail} if self.detail else {})}
        return {"seed": self.seed, **self.scores, **counts, **flag}


@dataclass(frozen=True, slots=True)
class Seeds:
    """The outcome of all seeds."""

    metric: str
    runs: tuple[SeedRun, ...]
    kept: int
    """The first of the best on validation: its model is the run's, unless ``averaged``."""
    averaged: tuple[int, ...]
    """The run's weights are the average of these seeds'. Empty if they are those of one seed."""
    differing: dict[str, tuple[str, ...]]
    """By part, the ids of rows to which the seeds give different answers."""
    rows: dict[str, int]

    @property
    def notes(self) -> list[str]:
        """Notes for the user on the runs that went wrong."""
        if len(self.runs) == 1:
            return []
        return [
            f"seed {run.seed} is flagged: {run.flag}{f' ({run.detail})' if run.detail else ''}"
            for run in self.runs
            if run.flag is not None
        ]

    def to_json(self) -> dict[str, Any]:
        """The JSON object of ``metrics.json`` and ``--json``."""
        return {
            "metric": self.metric,
            "kept": self.kept,
            "averaged": list(self.averaged),
            "runs": [run.to_json() for run in self.runs],
            "summary": {part: self._summary(part) for part in self.rows},
            "differing": {
                part: {"rows": len(ids), "share": len(ids) / self.rows[part], "ids": list(ids)}
                for part, ids in self.differing.items()
            },
        }

    def _summary(self, part: str) -> dict[str, float | None]:
        scores = [run.scores[part] for run in self.runs if part in run.scores]
        deviation = statistics.stdev(scores) if len(scores) > 1 else None
        low, high = min(scores), max(scores)
        return {"mean": statistics.fmean(scores), "deviation": deviation, "min": low, "max": high}


def train_seeds(
    seeds: Sequence[int],
    tune: Callable[[int], Tuned],
    *,
    average: Callable[[WeightAverage, int, Tuned], Tuned],
    say: Notify,
) -> tuple[Tuned, Seeds]:
    """Train every seed, and keep the average of their weights, or the one best on validation.

    The average is kept where it loses no more validation answers against the mean of its seeds than
    chance alone would: the best of three on a few dozen rows owes its lead to chance.

    Args:
        seeds: in the order of training.
        tune: trains one seed; all of them from the same weights.
        average: scores an average as the model of a seed.
        say: called with a line on each failed seed.

    Raises:
        DivergedError: no seed's loss stayed a finite number.
    """
    best: Tuned | None = None
    runs: list[SeedRun] = []
    answers: list[dict[str, Answered]] = []
    kept = seeds[0]
    together, added = WeightAverage(), []
    for seed in seeds:
        try:
            tuned = tune(seed)
        except DivergedError as e:
            if best is None and seed == seeds[-1]:
                raise
            runs.append(SeedRun(seed, {}, None, None, None, "not a number", e.message))
            say(f"seed {seed}: {e.message}")
            continue
        runs.append(_run_of(seed, tuned))
        answers.append(tuned.answers)
        if tuned.history.best.epoch:
            together.add(seed, tuned.model)
            added.append(_validation(tuned))
        if best is None or _rank(tuned) > _rank(best):
            best, kept = tuned, seed
    assert best is not None  # noqa: S101  else the last seed has raised
    run = best
    averaged = together.seeds if len(together.seeds) > 1 else ()
    if averaged:
        run = average(together, kept, best)
        if _validation(run) < statistics.fmean(added) - best.history.slack:
            run, averaged = best, ()
    return run, Seeds(
        metric=best.task.main_metric,
        runs=tuple(_compared(run, best) for run in runs),
        kept=kept,
        averaged=averaged,
        differing={part: _differing(best.task, part, answers) for part in best.evaluations},
        rows={part: evaluation.rows for part, evaluation in best.evaluations.items()},
    )


def _run_of(seed: int, tuned: Tuned) -> SeedRun:
    metric = tuned.task.main_metric
    start, reached = tuned.history.epochs[0], tuned.history.best_tuned
    return SeedRun(
        seed=seed,
        scores={part: each.values()[metric] for part, each in tuned.evaluations.items()},
        tuned_score=reached,
        best_epoch=tuned.history.best.epoch,
        epochs_run=tuned.history.epochs[-1].epoch,
        flag="below its start" if reached is not None and reached < start.score else None,
    )


def _compared(run: SeedRun, best: Tuned) -> SeedRun:
    """Flag the run where it is far below the best."""
    interval = best.evaluations["validation"].metrics[best.task.main_metric]
    limit = interval.value - (interval.high - interval.low)
    if run.flag is None and run.tuned_score is not None and run.tuned_score < limit:
        return replace(run, flag="far below the best")
    return run


def _rank(tuned: Tuned) -> tuple[bool, float]:
    """A seed that learned something stands before one whose start was kept."""
    return tuned.history.best.epoch > 0, _validation(tuned)


def _validation(tuned: Tuned) -> float:
    return tuned.evaluations["validation"].values()[tuned.task.main_metric]


def _differing(task: Task, part: str, answers: Sequence[dict[str, Answered]]) -> tuple[str, ...]:
    first, *others = [each[part] for each in answers]
    columns = zip(*(other.predictions for other in others), strict=True) if others else ()
    return tuple(
        example.id
        for example, one, rest in zip(first.examples, first.predictions, columns, strict=False)
        if not all(task.same_answer(one, other) for other in rest)
    )
