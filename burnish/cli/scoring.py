"""What `evaluate` says of a model's answers to rows: trust, subgroups, rows out of scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from burnish.cli.extras import needs_extra
from burnish.evidence.bias import SubgroupReport
from burnish.evidence.calibration import judge_claims
from burnish.tasks import Task
from burnish.tasks.answered import Answered

__all__ = ["divide", "measure_trust", "score_subgroups"]


def divide(answered: Answered, count: int) -> tuple[Answered, Answered]:
    """The answers to the first rows, and to the others."""
    examples, predictions = answered.examples, answered.predictions
    return (
        Answered(examples[:count], predictions[:count]),
        Answered(examples[count:], predictions[count:]),
    )


def measure_trust(task: Task, answered: Answered) -> dict[str, Any]:
    """How far the scores can be trusted: documents ``calibration`` and ``abstention``."""
    pairs = zip(answered.examples, answered.predictions, strict=True)
    return judge_claims(task, [task.claims(*pair) for pair in pairs])


def score_subgroups(
    task: Task, answered: Answered, columns: Sequence[str], *, part: str
) -> tuple[SubgroupReport, ...]:
    """The scores of each value of each column, as a training has them.

    Args:
        task: the task of the model.
        answered: rows that were read with these columns as ``Columns.subgroups``.
        columns: their names.
        part: what the rows are called.

    Raises:
        MissingExtraError: there are columns, and the extra ``train`` is not installed.
    """
    if not columns:
        return ()
    with needs_extra("train"):
        from burnish.training.evaluation import subgroups
    return subgroups.score_subgroups(task, answered, columns, part=part)
