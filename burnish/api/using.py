"""Use a model: load a bundle, and score a run or a bundle on labelled rows."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.api.extras import needs_train

if TYPE_CHECKING:
    from burnish.bundle import Bundle
    from burnish.data import Columns, Rows
    from burnish.run import Run
    from burnish.runtime import Model
    from burnish.signing.trust import Trust
    from burnish.tasks.evaluation import Evaluation

    TrustedKeys = Trust | str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

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
    return load_model(directory, threads=threads, trust=_trust(trust))


def evaluate(
    model: str | os.PathLike[str] | Run | Bundle,
    data: str | os.PathLike[str] | Rows,
    *,
    columns: Columns | None = None,
    threads: int | None = None,
    trust: TrustedKeys | None = None,
) -> Evaluation:
    """Score a run or a bundle on labelled rows.

    Args:
        model: a run or a bundle, or the directory of one.
        data: a rows file, or what `read_rows` returned.
        columns: what the file's columns are called, where they are not called as usual.
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
    from burnish.bundle import MANIFEST, Bundle, read_bundle
    from burnish.data import Columns, Rows, read_rows
    from burnish.errors import UsageError
    from burnish.run import Run, read_run
    from burnish.runtime.scoring import answer_bundle

    if not isinstance(model, Run):
        path = model.path if isinstance(model, Bundle) else Path(model)
        if (path / MANIFEST).exists():
            model = read_bundle(path, trust=_trust(trust))
        elif (path / "record.json").exists():
            model = read_run(path)
        else:
            raise UsageError(
                f"{path} is neither a run (record.json) nor a bundle ({MANIFEST})", "check the path"
            )
    if isinstance(model, Run) and trust is not None:
        raise UsageError(f"{model.path} is a run, which nobody signs", "leave trust out")
    task = model.record.task if isinstance(model, Run) else model.manifest.task
    if not isinstance(data, Rows):
        data = read_rows(Path(data), task.task, columns=columns or Columns())
    if isinstance(model, Bundle):
        return answer_bundle(model, data, threads=threads).evaluate(task)
    with needs_train():
        from burnish.training import answer_run
    return answer_run(model, data).evaluate(task)


def _trust(keys: TrustedKeys | None) -> Trust | None:
    from burnish.signing.trust import Trust

    if keys is None or isinstance(keys, Trust):
        return keys
    return Trust.read([keys] if isinstance(keys, str | os.PathLike) else keys)
