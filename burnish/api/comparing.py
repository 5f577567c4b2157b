"""Compare models, or base models, on the same rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from burnish.api.extras import needs_train
from burnish.api.places import columns_of, found_at
from burnish.api.recipes import given_recipe
from burnish.api.tables import labelled_rows

if TYPE_CHECKING:
    from burnish.api.places import Named, TrustedKeys
    from burnish.api.recipes import GivenRecipe
    from burnish.bundle import Bundle
    from burnish.data import Columns, Rows
    from burnish.evidence.comparison import Comparison, Contestant
    from burnish.run import Run
    from burnish.tasks import Task

__all__ = ["compare", "compare_bases"]


def compare(
    models: Sequence[Named],
    data: str | os.PathLike[str] | Rows | Any,
    *,
    columns: Columns | None = None,
    threads: int | None = None,
    trust: TrustedKeys | None = None,
) -> Comparison:
    """Let runs and bundles answer the same rows, and compare each with the first.

    Args:
        models: at least two runs or bundles of one task, or their directories.
        data: labelled rows that none of them was trained on: a rows file, what `read_rows`
            returned, a DataFrame of pandas, polars or pyarrow, or a list of dictionaries.
        columns: what the columns are called, where they are not called as usual. None takes those
            of the first model's training for rows in memory, where they are known.
        threads: how many rows a bundle answers at once. None means one per processor.
        trust: public keys, or the files that hold them. Every bundle must be signed by one of
            them.

    Returns:
        Every model's scores, processor time and size (``standings``), the difference of each from
        the first with its paired 95 % interval and exact test (``duels``), and the places of the
        rows that they answer otherwise (``differing``).

    Raises:
        burnish.errors.UsageError: fewer than two models are named, one is named twice, is of
            another task or is neither a run nor a bundle, or ``trust`` is given for a run.
        burnish.errors.DataError: the rows are wrong, or have a label that a model does not know.
        burnish.errors.BundleError: a bundle is damaged or changed.
        burnish.errors.SignatureError: a bundle is not signed by a trusted key.
        burnish.errors.RunError: a run is damaged or changed.
        burnish.errors.MissingExtraError: one is a run and the extra ``train`` is not installed.

    Examples:
        >>> found = burnish.compare(["runs/tickets", "bundles/tickets"], "tickets-of-may.csv")
        >>> found.duels[0].difference
        Interval(value=-0.01, low=-0.03, high=0.01)
        >>> found.duels[0].verdict
        'not told apart'
    """
    from burnish.bundle import Bundle
    from burnish.evidence.comparison import check_one_task, compare_models

    _check_several(models, "model", example='["runs/a", "runs/b"]')
    found = [found_at(model, trust=trust) for model in models]
    if len({each.path.resolve() for each in found}) < len(found):
        raise _named_twice("model")
    task = check_one_task({str(each.path): _task_of(each) for each in found})
    known = columns_of(models[0] if isinstance(found[0], Bundle) else found[0])
    rows = labelled_rows(data, task, columns=columns, known=known)
    return compare_models(rows.examples, [_answered(each, rows, threads) for each in found])


def compare_bases(
    recipe: GivenRecipe,
    bases: Sequence[str | os.PathLike[str]],
    overrides: Sequence[str] = (),
    *,
    full: bool = False,
    notify: Callable[[str], None] | None = None,
) -> Comparison:
    """Say which base model is better for a recipe's rows, as ``burnish pretrain --for`` does.

    The linear probe is fitted on each base, or the recipe is trained on each. The recipe's test
    rows are answered, or its validation rows if it has no test. Nothing is written.

    Args:
        recipe: a recipe file, a `Recipe`, or its keys. The rows are in files.
        bases: at least two base models, as in a recipe. Each is compared with the first.
        overrides: ``key=value``, as on the command line.
        full: train as the recipe says, instead of the linear probe.
        notify: called with one line of text per event.

    Returns:
        The scores on each base, and the differences from the first with their paired intervals.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.UsageError: fewer than two bases are named, or the task has no linear probe.
        burnish.errors.ConfigError: the recipe is wrong.
        burnish.errors.DataError: the rows are wrong, or there is no validation set.
        burnish.errors.BaseModelError: a base model is refused.

    Examples:
        >>> found = burnish.compare_bases("tickets.yaml", ["minilm", "bases/letters"])
        >>> found.duels[0].verdict
        'better'
    """
    _check_several(bases, "base", example='["minilm", "bases/letters"]')
    names = [os.fspath(base) for base in bases]
    if len(set(names)) < len(names):
        raise _named_twice("base")
    resolved = given_recipe(recipe, overrides)
    with needs_train():
        from burnish.training.pipeline.pretraining.judging import judge_bases
    from burnish.notify import ignore

    return judge_bases(resolved, names, full=full, notify=notify or ignore)


def _check_several(given: Sequence[object], what: str, *, example: str) -> None:
    from burnish.errors import UsageError

    if isinstance(given, str | os.PathLike) or not isinstance(given, Sequence) or len(given) < 2:
        raise UsageError(f"a comparison needs two {what}s or more", f"give a list: {example}")


def _named_twice(what: str) -> Exception:
    from burnish.errors import UsageError

    return UsageError(f"a {what} is named twice", "name each once")


def _task_of(model: Run | Bundle) -> Task:
    from burnish.bundle import Bundle

    return model.manifest.task if isinstance(model, Bundle) else model.record.task


def _answered(model: Run | Bundle, rows: Rows, threads: int | None) -> Contestant:
    from burnish.bundle import Bundle
    from burnish.evidence.comparison import contestant
    from burnish.runtime.scoring import loaded_bundle

    name, task = str(model.path), _task_of(model)
    if isinstance(model, Bundle):
        loaded = loaded_bundle(model, threads=threads)
        return contestant(name, task, loaded, rows, files=model.path)
    with needs_train():
        from burnish.training import loaded_run
    return contestant(name, task, loaded_run(model), rows, files=model.path / "model")
