"""From examples and predictions to what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from burnish.analysis.findings import ErrorAnalysis, Mistake
from burnish.analysis.kinds import count_kinds
from burnish.analysis.slices import score_slices
from burnish.tasks import Task
from burnish.tasks.classification.example import ClassificationExample
from burnish.tasks.extraction.example import ExtractionExample

__all__ = ["analyse"]

_SHOWN = 20
"""Mistakes that are kept."""


def analyse(
    task: Task,
    examples: Sequence[Any],
    predictions: Sequence[Any],
    *,
    part: str,
    columns: Sequence[str] = (),
) -> ErrorAnalysis:
    """Look at the errors of one part of the data.

    Args:
        task: the task that made the predictions.
        examples: rows with their true answers; at least one.
        predictions: one a row, in the same order.
        part: the part's name.
        columns: names of the rows' subgroups.
    """
    wrong = [
        (example, prediction)
        for example, prediction in zip(examples, predictions, strict=True)
        if not task.correct(example, prediction)
    ]
    mistakes = [_mistake(example, prediction) for example, prediction in wrong]
    surest = sorted(mistakes, key=lambda each: (-each.score, each.row))
    return ErrorAnalysis(
        part=part,
        rows=len(examples),
        wrong=len(wrong),
        mistakes=tuple(surest[:_SHOWN]),
        kinds=count_kinds(examples, predictions),
        slices=score_slices(task, examples, predictions, columns=columns),
    )


def _mistake(example: Any, prediction: Any) -> Mistake:
    if isinstance(example, ClassificationExample):
        true, said = " + ".join(example.labels), " + ".join(prediction.labels)
        score = prediction.scores[0].score
    elif isinstance(example, ExtractionExample):
        right = {(e.start, e.end, e.label) for e in example.entities}
        found = {(e.start, e.end, e.label) for e in prediction.entities}
        true, said = _spans(right - found), _spans(found - right)
        odd = [e.score for e in prediction.entities if (e.start, e.end, e.label) not in right]
        score = max(odd, default=0.0)
    else:
        true = ", ".join(f"{a.start} to {a.start + len(a.text)}" for a in example.answers)
        best = prediction.best
        said, score = f"{best.start} to {best.end}" if best.text else "", best.score
    return Mistake(example.id, true or "nothing", said or "nothing", float(score))


def _spans(entities: set[tuple[int, int, str]]) -> str:
    return ", ".join(f"{label} {start} to {end}" for start, end, label in sorted(entities))
