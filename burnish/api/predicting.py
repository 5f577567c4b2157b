"""Answer texts or the rows of a table, with a run, a bundle or a loaded model."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from burnish.api.extras import needs_train
from burnish.api.places import columns_of, found_at

if TYPE_CHECKING:
    from burnish.api.places import TrustedKeys
    from burnish.batch.table import Answerer
    from burnish.bundle import Bundle
    from burnish.data import Columns
    from burnish.errors import InputError
    from burnish.run import Run
    from burnish.runtime import Model
    from burnish.tasks import Prediction, Task

__all__ = ["predict"]


def predict(
    model: str | os.PathLike[str] | Run | Bundle | Model,
    data: Any,
    *,
    text: str | None = None,
    columns: Columns | None = None,
    top_k: int = 1,
    threshold: float | None = None,
    threads: int | None = None,
    trust: TrustedKeys | None = None,
) -> Any:
    """Answer a list of texts, or the rows of a table.

    A row that cannot be answered says why in the column ``error``, and the others are answered.

    Args:
        model: a run or a bundle, the directory of one, or what `load` returned.
        data: a DataFrame of pandas, polars or pyarrow, or a list of dictionaries; or a list of
            what `Model.predict` takes: texts, a ``Series``, `Question` objects.
        text: the column of the texts. None takes the column that the model was trained on, where
            that is known, else ``text``.
        columns: what the columns of inputs with several texts are called.
        top_k: how many labels or answers are shown per row.
        threshold: gives the labels (of several) or entities with at least this score.
        threads: how many rows a bundle answers at once. None means one per processor.
        trust: public keys, or the files that hold them. The bundle must be signed by one of them.

    Returns:
        For a table: the table with the columns that ``burnish predict -o`` adds (``label``,
        ``score``, ``abstained`` or ``entities`` …, and ``error``), in the same library; pandas
        keeps its index. For a list of inputs: one prediction per input.

    Raises:
        burnish.errors.UsageError: the directory is neither a run nor a bundle, or ``trust`` is
            given for a run.
        burnish.errors.DataError: the table lacks the column.
        burnish.errors.InputError: an input of a list cannot be answered, or no threshold decides
            what this model answers.
        burnish.errors.BundleError: the bundle is damaged or changed.
        burnish.errors.SignatureError: the bundle is not signed by a trusted key.
        burnish.errors.RunError: the run is damaged or changed.
        burnish.errors.MissingExtraError: ``model`` is a run and the extra ``train`` is not
            installed; or the data is a DataFrame, and narwhals is not installed.

    Examples:
        >>> burnish.predict("bundles/tickets", frame, text="body")
                                 body    label   score  abstained error
        0  My card was charged twice.  billing  0.6841      False  None
    """
    from dataclasses import replace

    from burnish.batch.table import answer_table
    from burnish.bundle import Bundle
    from burnish.data.frames import is_table

    found = found_at(model, trust=trust)
    columns = columns or columns_of(model if isinstance(model, Bundle) else found)
    if text is not None:
        columns = replace(columns, text=text)
    with _answerer(found, threshold, threads) as (task, answerer):
        if is_table(data):
            return answer_table(data, task, answerer, columns=columns, top_k=top_k)
        return _answered(data, task, answerer)


@contextmanager
def _answerer(
    model: Run | Bundle | Model, threshold: float | None, threads: int | None
) -> Iterator[tuple[Task, Answerer]]:
    from burnish.batch.answering import answers
    from burnish.run import Run
    from burnish.runtime import Model, open_model
    from burnish.tasks.table import find_task

    if isinstance(model, Run):
        task = model.record.task
        if threshold is not None:
            task = find_task(task.task).cells.with_threshold(task, threshold)
        with needs_train():
            from burnish.training import predict_run
        run = model
        yield task, lambda asked: predict_run(run, asked, task=task)
        return
    loaded = model if isinstance(model, Model) else open_model(model, threads=threads)
    try:
        decided = loaded if threshold is None else loaded.thresholded(threshold)
        yield loaded.bundle.manifest.task, lambda asked: answers(decided, asked)
    finally:
        if loaded is not model:
            loaded.close()


def _answered(inputs: Iterable[object], task: Task, answerer: Answerer) -> list[Prediction]:
    from burnish.errors import InputError
    from burnish.runtime.inputs import inputs_of
    from burnish.tasks.table import find_task

    form = find_task(task.task).inputs
    checked = []
    for place, given in enumerate(inputs_of(inputs, form=form)):
        try:
            checked.append(form.checked(given))
        except InputError as error:
            raise _placed(error, place) from None
    return [_raised(result, place) for place, result in enumerate(answerer(checked))]


def _raised(result: Prediction | InputError, place: int) -> Prediction:
    from burnish.errors import InputError

    if isinstance(result, InputError):
        raise _placed(result, place) from result
    return result


def _placed(error: InputError, place: int) -> InputError:
    return type(error)(f"input {place}: {error.message}", error.hint)
