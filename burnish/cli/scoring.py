"""Scoring a run, or a bundle through the runtime that serves it, on labelled rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from burnish.bias import SubgroupReport
from burnish.calibration import judge_claims
from burnish.cli.extras import needs_extra
from burnish.data import Example, Rows
from burnish.errors import DataError, InputError, QuestionTooLongError
from burnish.run import Run
from burnish.tasks import Input, Prediction, QAPrediction
from burnish.tasks.evaluation import Evaluation, check_labels, evaluate
from burnish.tasks.predictions import Answer

__all__ = ["Answers", "answer_bundle", "answer_run", "score_subgroups"]

_UNANSWERED = QAPrediction(answers=(Answer("", 0.0, 0, 0),), tokens=0, windows=0)


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows, and what a model answers to them."""

    task: Any
    examples: tuple[Example, ...]
    predictions: tuple[Prediction, ...]

    def evaluate(self) -> Evaluation:
        """The scores, with intervals."""
        return evaluate(self.task, self.examples, self.predictions)

    def divided(self, count: int) -> tuple[Answers, Answers]:
        """The answers to the first rows, and to the others."""
        first = Answers(self.task, self.examples[:count], self.predictions[:count])
        return first, Answers(self.task, self.examples[count:], self.predictions[count:])

    def trust(self) -> dict[str, Any]:
        """How far the scores can be trusted: documents ``calibration`` and ``abstention``."""
        pairs = zip(self.examples, self.predictions, strict=True)
        return judge_claims(self.task, [self.task.claims(*pair) for pair in pairs])


def answer_run(run: Run, rows: Rows) -> Answers:
    """Ask a run's model.

    Raises:
        MissingExtraError: the extra ``train`` is not installed.
        DataError, RunError: as :func:`burnish.training.answer_run`.
    """
    with needs_extra("train"):
        from burnish import training
    answered = training.answer_run(run, rows)
    return Answers(run.record.task, answered.examples, answered.predictions)


def answer_bundle(
    path: Path, rows: Rows, *, threads: int | None = None, progress: bool = False
) -> Answers:
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
        task: Any = model.bundle.manifest.task
        check_labels(task, rows)
        inputs: Iterable[Input] = [task.example_input(example) for example in rows.examples]
        results = model.stream(_bar(inputs, len(rows)) if progress else inputs, errors="yield")
        return Answers(task, rows.examples, tuple(_checked(rows.examples, results)))


def score_subgroups(
    answers: Answers, columns: Sequence[str], *, part: str
) -> tuple[SubgroupReport, ...]:
    """The scores of each value of each column, as a training has them.

    Args:
        answers: to rows that were read with these columns as ``Columns.subgroups``.
        columns: their names.
        part: what the rows are called.

    Raises:
        MissingExtraError: there are columns, and the extra ``train`` is not installed.
    """
    if not columns:
        return ()
    with needs_extra("train"):
        from burnish.training import subgroups
        from burnish.training.evaluation import Answered
    answered = Answered(answers.examples, answers.predictions)
    return subgroups.score_subgroups(answers.task, answered, columns, part=part)


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
