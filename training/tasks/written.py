"""What training shares of the tasks whose answers are written: baselines that write a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from burnish.plural import plural
from burnish.tasks.base import Task
from burnish.tasks.evaluation import Evaluation, evaluate
from burnish.tasks.written.example import WrittenExample
from burnish.tasks.written.prediction import Writing, Written

from ..data.splits import EncodedParts
from ..diagnostics.frozen import NoReader

__all__ = ["NO_CURVE", "Writer", "main_score", "score_writer"]

Writer = Callable[[str], str]
"""From a source to a text."""


def score_writer(
    make: Callable[[Task, EncodedParts], Writer], task: Task, parts: EncodedParts
) -> dict[str, Evaluation]:
    """Write a text for each source without a model, and score every part.

    Args:
        make: from the model's task and the rows to what writes.
        task: the model's.
        parts: encoded rows.
    """
    write = make(task, parts)
    return {
        name: evaluate(task, rows.examples, _written(write, task, rows.examples))
        for name, rows in parts.evaluated.items()
    }


def main_score(write: Writer, task: Task, examples: Sequence[WrittenExample]) -> float:
    """The main metric of what is written for some rows.

    Args:
        write: what writes.
        task: the model's.
        examples: the rows; at least one.
    """
    answers = _written(write, task, examples)
    rows = [task.row_statistics(*each) for each in zip(examples, answers, strict=True)]
    return float(task.score_of(np.stack(rows))[task.main_metric])


def _written(write: Writer, task: Task, examples: Sequence[WrittenExample]) -> list[Written]:
    return [
        replace(task.unanswered, writing=Writing(write(example.source), 1.0))
        for example in examples
    ]


def _no_curve(examples: Sequence[WrittenExample]) -> str:
    return (
        plural(len(examples), "# [row|rows]")
        + ". burnish has no cheap learning curve for texts that a model writes: train on half of "
        "the rows and on all, and compare"
    )


NO_CURVE = NoReader(_no_curve, "written texts have no cheap model for this")
"""Nothing reads such rows with a frozen encoder."""
