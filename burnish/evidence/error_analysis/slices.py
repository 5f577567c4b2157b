"""Slices: rows that have something in common, scored on their own."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from burnish.evidence.error_analysis.findings import Slice
from burnish.tasks import Example
from burnish.tasks.base import ExampleT, InputT, PredictionT, TaskSettings
from burnish.tasks.evaluation import evaluate
from burnish.tasks.table import find_task

__all__ = ["score_slices"]

_FEWEST = 20
"""The fewest rows of a slice: smaller ones say little, and there are many."""
_RESAMPLES = 200


def score_slices(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    examples: Sequence[ExampleT],
    predictions: Sequence[PredictionT],
    *,
    columns: Sequence[str] = (),
) -> tuple[Slice, ...]:
    """The slices with enough rows, worst first.

    Slices are quarters of the texts' length in words, groups, subgroups, and what the task adds:
    true labels, or question words.
    """
    reader = find_task(task.task).errors
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    quarters = _quarters([len(reader.long_text(example).split()) for example in examples])
    for index, example in enumerate(examples):
        for key in (("length", quarters[index]), *_keys(example, columns), *reader.slices(example)):
            members[key].append(index)
    slices = [
        _score(task, key, [examples[i] for i in rows], [predictions[i] for i in rows])
        for key, rows in members.items()
        if len(rows) >= _FEWEST
    ]
    return tuple(sorted(slices, key=lambda each: (each.score, each.by, each.name)))


def _score(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    key: tuple[str, str],
    examples: list[ExampleT],
    predictions: list[PredictionT],
) -> Slice:
    found = evaluate(task, examples, predictions, resamples=_RESAMPLES)
    interval = found.metrics[task.main_metric]
    return Slice(*key, len(examples), interval.value, interval.low, interval.high)


def _keys(example: Example, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from zip(columns, example.subgroups, strict=True)
    if example.group is not None:
        yield "group", example.group


def _quarters(lengths: Sequence[int]) -> list[str]:
    """The name of each row's quarter of the lengths."""
    bounds = [int(bound) for bound in np.quantile(lengths, (0.25, 0.5, 0.75), method="lower")]
    edges = sorted({0, *(bound + 1 for bound in bounds), max(lengths) + 1})
    names = [f"{low} to {high - 1} words" for low, high in itertools.pairwise(edges)]
    return [names[int(np.searchsorted(edges, length, side="right")) - 1] for length in lengths]
