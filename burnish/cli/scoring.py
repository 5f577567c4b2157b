"""Scoring a bundle on labelled rows, through the runtime that serves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from burnish.calibration import judge_claims
from burnish.data import Example, Rows
from burnish.errors import DataError, InputError, QuestionTooLongError
from burnish.tasks import Input, Prediction, QAPrediction
from burnish.tasks.evaluation import Evaluation, check_labels, evaluate
from burnish.tasks.predictions import Answer

__all__ = ["evaluate_bundle"]

_UNANSWERED = QAPrediction(answers=(Answer("", 0.0, 0, 0),), tokens=0, windows=0)


def evaluate_bundle(
    path: Path, rows: Rows, *, threads: int | None = None, progress: bool = False
) -> tuple[Evaluation, dict[str, Any]]:
    """Score a bundle, and say how far its scores can be trusted on these rows.

    A question too long for the window counts as answered by nothing, as in training.

    Returns:
        The scores, and the documents ``calibration`` and ``abstention``.

    Raises:
        BundleError: the bundle is damaged, changed or of another version.
        DataError: the rows are of another task, hold a label that the model does not know, or
            one of them cannot be answered.
        ModelFaultError: the model fails, or gives numbers that are not finite.
    """
    import burnish

    with burnish.load(path, threads=threads) as model:
        task: Any = model.bundle.manifest.task
        check_labels(task, rows)
        inputs: Iterable[Input] = [task.example_input(example) for example in rows.examples]
        results = model.stream(_bar(inputs, len(rows)) if progress else inputs, errors="yield")
        predictions = list(_checked(rows.examples, results))
    claims = [task.claims(e, p) for e, p in zip(rows.examples, predictions, strict=True)]
    return evaluate(task, rows.examples, predictions), judge_claims(task, claims)


def _checked(
    examples: Sequence[Example], results: Iterable[Prediction | InputError]
) -> Iterator[Prediction]:
    from burnish.runtime import ModelFaultError

    for example, result in zip(examples, results, strict=True):
        if not isinstance(result, InputError):
            yield result
        elif isinstance(result, QuestionTooLongError):
            yield _UNANSWERED
        elif isinstance(result, ModelFaultError):
            raise ModelFaultError(f"{example.id}: {result.message}", result.hint) from result
        else:
            raise DataError(f"{example.id}: {result.message}", result.hint) from result


def _bar(inputs: Iterable[Input], total: int) -> Iterable[Input]:
    from tqdm import tqdm

    return tqdm(inputs, total=total, unit="row", leave=False)
