"""The analysis of errors, from examples and predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from burnish.evidence.error_analysis.findings import ErrorAnalysis, Mistake
from burnish.evidence.error_analysis.slices import score_slices
from burnish.tasks.base import ExampleT, InputT, PredictionT, TaskSettings
from burnish.tasks.errors import ErrorReader
from burnish.tasks.table import find_task

__all__ = ["analyse", "count_kinds"]

_SHOWN = 20
"""Mistakes that are kept."""


def analyse(
    task: TaskSettings[InputT, ExampleT, PredictionT],
    examples: Sequence[ExampleT],
    predictions: Sequence[PredictionT],
    *,
    part: str,
    columns: Sequence[str] = (),
) -> ErrorAnalysis:
    """Look at the errors of one part of the data.

    Args:
        task: the task that made the predictions.
        examples: rows with their true answers; at least one.
        predictions: one per row, in the same order.
        part: the part's name.
        columns: the names of the rows' subgroups.
    """
    reader = find_task(task.task).errors
    mistakes = []
    for example, prediction in zip(examples, predictions, strict=True):
        if not task.correct(example, prediction):
            found = reader.describe(example, prediction)
            true, said = found.true or "nothing", found.said or "nothing"
            mistakes.append(Mistake(example.id, true, said, float(found.score)))
    surest = sorted(mistakes, key=lambda each: (-each.score, each.row))
    return ErrorAnalysis(
        part=part,
        rows=len(examples),
        wrong=len(mistakes),
        mistakes=tuple(surest[:_SHOWN]),
        kinds=count_kinds(reader, examples, predictions),
        slices=score_slices(task, examples, predictions, columns=columns),
    )


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
