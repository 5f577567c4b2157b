"""Scoring: a bundle's answers to labelled rows, by the runtime that serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from burnish.bundle import Bundle
from burnish.data.rows import Rows
from burnish.errors import DataError, InputError, TextTooLongError
from burnish.runtime.loading import open_model
from burnish.runtime.session import ModelFaultError
from burnish.tasks import Example, Prediction, Task
from burnish.tasks.answered import Answered
from burnish.tasks.evaluation import check_labels

__all__ = ["answer_bundle", "loaded_bundle"]


def answer_bundle(
    bundle: Bundle, rows: Rows, *, threads: int | None = None, progress: bool = False
) -> Answered:
    """Answer rows with a bundle that has been verified.

    A question that is too long for the window counts as unanswered, as in training.

    Raises:
        BundleError: a file of the bundle was changed, or its parts do not fit together.
        DataError: the rows are of another task, hold a label that the model does not know, or
            one of them cannot be answered.
        ModelFaultError: the model fails, or gives numbers that are not finite.
    """
    with loaded_bundle(bundle, threads=threads, progress=progress) as answer:
        return answer(rows)


@contextmanager
def loaded_bundle(
    bundle: Bundle, *, threads: int | None = None, progress: bool = False
) -> Iterator[Callable[[Rows], Answered]]:
    """The bundle in memory: a function from rows to its answers; raises as `answer_bundle`."""
    task: Task = bundle.manifest.task
    with open_model(bundle, threads=threads) as model:

        def answer(rows: Rows) -> Answered:
            check_labels(task, rows)
            inputs: Iterable[Any] = [task.example_input(example) for example in rows.examples]
            results = model.stream(_bar(inputs, len(rows)) if progress else inputs, errors="yield")
            return Answered(rows.examples, tuple(_checked(task, rows.examples, results)))

        yield answer


def _checked(
    task: Task, examples: Sequence[Example], results: Iterable[Prediction | InputError]
) -> Iterator[Prediction]:
    for example, result in zip(examples, results, strict=True):
        if not isinstance(result, InputError):
            yield result
        elif isinstance(result, TextTooLongError):
            yield task.unanswered
        elif isinstance(result, ModelFaultError):
            raise ModelFaultError(f"{example.id}: {result.message}", result.hint) from result
        else:
            raise DataError(f"{example.id}: {result.message}", result.hint) from result


def _bar(inputs: Iterable[Any], total: int) -> Iterable[Any]:
    from tqdm import tqdm

    return tqdm(inputs, total=total, unit="row", leave=False)
