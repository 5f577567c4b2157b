"""Use a model: load a bundle, and score a run or a bundle on labelled rows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from burnish.api.extras import needs_train
from burnish.api.places import columns_of, found_at, trusted
from burnish.api.tables import labelled_rows

if TYPE_CHECKING:
    from burnish.api.places import TrustedKeys
    from burnish.bundle import Bundle
    from burnish.data import Columns, Rows
    from burnish.run import Run
    from burnish.runtime import Model
    from burnish.tasks.evaluation import Evaluation

__all__ = ["evaluate", "load"]


def load(
    path: str | os.PathLike[str] | Bundle,
    *,
    threads: int | None = None,
    trust: TrustedKeys | None = None,
) -> Model:
    """Load a bundle and verify every file of it.

    Args:
        path: a bundle directory, or what `export` returned.
        threads: how many texts or windows are computed at once. None means one per processor that
            this process may use.
        trust: public keys, or the files that hold them. The bundle must be signed by one of them.
            None asks for no signature.

    Returns:
        The model. It answers until it is closed, and is a context manager. Any number of threads
        may use it at once.

    Raises:
        burnish.errors.BundleError: the bundle is damaged, changed or of another version.
        burnish.errors.SignatureError: it is not signed by a trusted key.
        burnish.errors.AccessError: a file of ``trust`` holds no public key.

    Examples:
        >>> import burnish
        >>> with burnish.load("bundles/tickets") as model:
        ...     model.predict_one("My card was charged twice.").labels
        ('billing',)
    """
    from burnish.bundle import Bundle
    from burnish.runtime import load_model

    directory = path.path if isinstance(path, Bundle) else path
    return load_model(directory, threads=threads, trust=trusted(trust))


def evaluate(
    model: str | os.PathLike[str] | Run | Bundle,
    data: str | os.PathLike[str] | Rows | Any,
    *,
    columns: Columns | None = None,
    threads: int | None = None,
    trust: TrustedKeys | None = None,
) -> Evaluation:
    """Score a run or a bundle on labelled rows.

    Args:
        model: a run or a bundle, or the directory of one.
        data: a rows file, what `read_rows` returned, a DataFrame of pandas, polars or pyarrow, or
            a list of dictionaries.
        columns: what the columns are called, where they are not called as usual. None takes those
            of the training for rows in memory, where they are known.
        threads: how many rows a bundle answers at once. None means one per processor.
        trust: public keys, or the files that hold them. The bundle must be signed by one of them.

    Returns:
        Every metric with its 95 % interval, the scores of each label, and the confusion matrix's
        cells off the diagonal.

    Raises:
        burnish.errors.UsageError: the directory is neither a run nor a bundle, or ``trust`` is
            given for a run.
        burnish.errors.DataError: the rows are wrong, of another task, or have a label that the
            model does not know.
        burnish.errors.BundleError: the bundle is damaged or changed.
        burnish.errors.SignatureError: the bundle is not signed by a trusted key.
        burnish.errors.RunError: the run is damaged or changed.
        burnish.errors.MissingExtraError: ``model`` is a run and the extra ``train`` is not
            installed. A bundle needs no extra.

    Examples:
        >>> scores = burnish.evaluate("bundles/tickets", "tickets-of-may.csv")
        >>> scores.metrics["accuracy"]
        Interval(value=0.82, low=0.733, high=0.883)
    """
    from burnish.bundle import Bundle
    from burnish.runtime.scoring import answer_bundle

    found = found_at(model, trust=trust)
    task = found.manifest.task if isinstance(found, Bundle) else found.record.task
    known = columns_of(model if isinstance(found, Bundle) else found)
    rows = labelled_rows(data, task.task, columns=columns, known=known)
    if isinstance(found, Bundle):
        return answer_bundle(found, rows, threads=threads).evaluate(task)
    with needs_train():
        from burnish.training import answer_run
    return answer_run(found, rows).evaluate(task)
