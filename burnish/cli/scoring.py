"""Scoring a run, or a bundle through the runtime that serves it, on labelled rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from burnish.bias import SubgroupReport
from burnish.calibration import judge_claims
from burnish.cli.extras import needs_extra
from burnish.data import Example, Rows
from burnish.errors import DataError, InputError, QuestionTooLongError
from burnish.run import Run
from burnish.tasks import Input, Prediction, Task
from burnish.tasks.answered import UNANSWERED, Answered
from burnish.tasks.evaluation import check_labels

__all__ = ["answer_bundle", "answer_run", "divide", "measure_trust", "score_subgroups"]


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


def answer_run(run: Run, rows: Rows) -> Answered:
    """Ask a run's model.

    Raises:
        MissingExtraError: the extra ``train`` is not installed.
        DataError, RunError: as :func:`burnish.training.answer_run`.
    """
    with needs_extra("train"):
        from burnish import training
    return training.answer_run(run, rows)


def answer_bundle(
    path: Path, rows: Rows, *, threads: int | None = None, progress: bool = False
) -> Answered:
    """Ask a bundle.

    A question too long for the window counts as answered by nothing, as in training.

    Raises:
        BundleError: the bundle is damaged, changed or of another version.
        DataError: the rows are of another task, hold a label that the model does not know, or
            one of them cannot be answered.
        ModelFaultError: the model fails, or gives numbers that are not finite.
    """
    import burnish

    with burnish.load(path, threads=threads) as model:
        task: Task = model.bundle.manifest.task
        check_labels(task, rows)
        inputs: Iterable[Input] = [task.example_input(example) for example in rows.examples]
        results = model.stream(_bar(inputs, len(rows)) if progress else inputs, errors="yield")
        return Answered(rows.examples, tuple(_checked(rows.examples, results)))


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


def _checked(
    examples: Sequence[Example], results: Iterable[Prediction | InputError]
) -> Iterator[Prediction]:
    from burnish.runtime import ModelFaultError

    for example, result in zip(examples, results, strict=True):
        if not isinstance(result, InputError):
            yield result
        elif isinstance(result, QuestionTooLongError):
            yield UNANSWERED
        elif isinstance(result, ModelFaultError):
            raise ModelFaultError(f"{example.id}: {result.message}", result.hint) from result
        else:
            raise DataError(f"{example.id}: {result.message}", result.hint) from result


def _bar(inputs: Iterable[Input], total: int) -> Iterable[Input]:
    from tqdm import tqdm

    return tqdm(inputs, total=total, unit="row", leave=False)
