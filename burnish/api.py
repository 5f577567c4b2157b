"""The public functions: what ``import burnish`` offers, each importable without torch.

They are the same functions that the commands call. Libraries are imported when a function is
called, so that ``import burnish`` takes no longer than reading this file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from burnish.bundle import Bundle
    from burnish.calibration import Tolerance
    from burnish.data import Columns, DataSet, Rows
    from burnish.export import Budgets, Precision
    from burnish.recipe.recipe import Recipe
    from burnish.run import Run
    from burnish.runtime import Model
    from burnish.signing.trust import Trust
    from burnish.tasks.evaluation import Evaluation

    Table = DataSet | Sequence[Mapping[str, Any]] | Any
    """Rows in memory: a Hugging Face data set, a list of dictionaries, or a DataFrame."""
    TrustedKeys = Trust | str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

__all__ = ["adopt", "evaluate", "export", "load", "train"]


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


def train(
    recipe: Recipe | Mapping[str, Any] | str | os.PathLike[str] | Table,
    overrides: Sequence[str] = (),
    *,
    task: str | None = None,
    text: str | None = None,
    label: str | None = None,
    output: str | os.PathLike[str] | None = None,
    data: Table | Mapping[str, Table] | None = None,
    replace: bool = False,
    fresh: bool = False,
    notify: Callable[[str], None] | None = None,
    progress: bool | None = None,
) -> Run:
    """Train a model as a recipe says, and write a run directory.

    A training that was interrupted continues from its newest checkpoint. It ends with the same
    weights, bit for bit, as one that was never interrupted. While it runs in the main thread,
    SIGTERM and SIGINT stop it after the current step.

    Args:
        recipe: a recipe file, a `Recipe`, or its keys as nested dictionaries. Relative paths in a
            file are relative to the file, all others to the working directory. Or the rows
            themselves: a file of rows, a DataFrame, a list of dictionaries or a Hugging Face
            ``Dataset``. Then task and columns are found, and 15 % of the rows each are kept for
            validation and for the test.
        overrides: ``key=value``, as on the command line.
        task: what rows are for, where they are given instead of a recipe. None finds it.
        text: the column of their texts. None finds it.
        label: the column of their labels. None finds it.
        output: the directory to write. None takes the recipe's, or ``runs/model`` for rows
            without a file.
        data: rows to train on instead of ``data.train``: a DataFrame, a list of dictionaries or a
            Hugging Face ``Dataset``; or ``{"train": …, "validation": …, "test": …}``.
        replace: replace an older run in the output directory.
        fresh: start again, even if a checkpoint is there.
        notify: called with one line of text per event.
        progress: whether to draw a progress bar on standard error. None draws one on a terminal.

    Returns:
        The run: its path, resolved recipe, record and metrics.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.ConfigError: the recipe is wrong; the message names each wrong key.
        burnish.errors.UsageError: the output directory holds something that may not be replaced.
        burnish.errors.DataError: the rows are wrong, or there is no validation set.
        burnish.errors.BaseModelError: the base model is refused.
        burnish.errors.RunError: the training diverged, another process is writing the same output,
            or the disk is full.
        burnish.errors.StoppedError: SIGTERM or SIGINT stopped the training.

    Examples:
        >>> run = burnish.train("tickets.yaml", ["method=lora", "train.seeds=1"])
        >>> run.metrics["test"]["metrics"]["accuracy"]["value"]
        0.8181818181818182
        >>> run = burnish.train(frame, text="body", label="team")
    """
    from burnish.data.frames import is_table
    from burnish.errors import UsageError
    from burnish.lock import check_unowned, training_place
    from burnish.recipe.drafting import draft_keys, is_recipe
    from burnish.recipe.recipe import Recipe, load_recipe, parse_recipe

    asked = {"task": task, "text": text, "label": label}
    given = {key: value for key, value in asked.items() if value is not None}
    if is_table(recipe) or hasattr(recipe, "features"):
        data, recipe = recipe, draft_keys(recipe, given, overrides=overrides)
    elif isinstance(recipe, str | os.PathLike) and not is_recipe(Path(recipe)):
        recipe = draft_keys(Path(recipe), given, overrides=overrides)
    elif given:
        names = ", ".join(given)
        raise UsageError(f"{names}: the recipe says it", "leave it out, or give rows instead")
    overrides = [overrides] if isinstance(overrides, str) else [*overrides]
    if output is not None:
        overrides.append(f"output={json.dumps(os.fspath(output))}")
    if isinstance(recipe, Recipe):
        recipe = recipe.model_dump(mode="json", exclude_unset=True)
    if isinstance(recipe, Mapping):
        resolved = parse_recipe(recipe, overrides=overrides, directory=Path.cwd())
    else:
        resolved = load_recipe(Path(recipe), overrides)
    check_unowned(training_place(resolved.output))  # before torch is imported, which takes seconds
    with _needs_train():
        from burnish.training import train
    return train(
        resolved, data=data, replace=replace, fresh=fresh, notify=notify, progress=progress
    )


def adopt(
    checkpoint: str | os.PathLike[str],
    data: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    task: str | None = None,
    test: str | os.PathLike[str] | float = 0.5,
    base: str | os.PathLike[str] | None = None,
    revision: str | None = None,
    output_names: Sequence[str] | None = None,
    mapping: Mapping[str, str] | None = None,
    columns: Columns | None = None,
    settings: Mapping[str, Any] | None = None,
    replace: bool = False,
    notify: Callable[[str], None] | None = None,
) -> Run:
    """Judge and calibrate a model that was trained elsewhere, and write a run directory.

    Nothing is trained, and no pickle is opened. What nobody can read off a checkpoint is recorded
    as unknown.

    Args:
        checkpoint: a directory of transformers, SetFit or PEFT, or the id of a hub model.
        data: a file of labelled rows that the model was not trained on.
        output: the run directory to write.
        task: the task of the rows. None guesses it from the first row.
        test: the share of the rows that tests the model, or a file of rows for that. The other
            rows validate it.
        base: the base model of an adapter.
        revision: the commit, branch or tag of what is named by a hub id.
        output_names: the names of all outputs, in the checkpoint's order.
        mapping: new names by the checkpoint's names: of outputs, or of entity types.
        columns: what the file's columns are called, where they are not called as usual.
        settings: further keys of a recipe, as nested dictionaries: ``train`` (``seed``,
            ``max_length``, ``stride``), ``data``, ``thresholds``, ``abstain``, ``gates``, ``bias``.
        replace: replace an older run in the output directory.
        notify: called with one line of text per event.

    Returns:
        The run, which `export` and `evaluate` take.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.BaseModelError: the checkpoint is refused.
        burnish.errors.UsageError: the labels of model and rows differ, or the output directory
            holds something that may not be replaced.
        burnish.errors.ConfigError: a key of ``settings`` is wrong.
        burnish.errors.DataError: the rows are wrong.

    Examples:
        >>> run = burnish.adopt(
        ...     "output/checkpoint-500",
        ...     "tickets.csv",
        ...     "runs/tickets",
        ...     output_names=["billing", "delivery"],
        ... )
        >>> run.record.adopted.kind
        'checkpoint'
    """
    with _needs_train():
        from burnish.training import adopt
    return adopt(
        os.fspath(checkpoint),
        Path(data),
        Path(output),
        task=task,
        test=test if isinstance(test, float) else Path(test),
        base=None if base is None else os.fspath(base),
        revision=revision,
        output_names=label_names,
        mapping=mapping,
        columns=columns,
        settings=settings,
        replace_run=replace,
        notify=notify,
    )


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
    with _needs_train():
        from burnish.training import answer_run
    return answer_run(model, data).evaluate(task)


def export(
    run: Run | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    precision: Precision = "auto",
    budgets: Budgets | Mapping[str, float] | None = None,
    allow: Mapping[str, str] | None = None,
    data: str | os.PathLike[str] | None = None,
    name: str | None = None,
    replace: bool = False,
    tolerance: Tolerance | None = None,
    notify: Callable[[str], None] | None = None,
) -> Bundle:
    """Turn a run into a bundle: merged, converted to ONNX, quantized, and compared at every step.

    Args:
        run: a run, or its directory.
        output: the bundle directory to write. It exists afterwards only if every gate passes.
        precision: ``auto`` writes the fastest int8 graph that stays within the budgets, or fp32
            if none does. ``int8`` fails in that case. ``fp32`` does not quantize.
        budgets: limits of the gates of this export, by name; they override the recipe's.
        allow: reasons, by the name of the gate that may fail. The bundle keeps and shows them.
        data: the directory that holds the run's rows files, if they have moved.
        name: what the model is called over HTTP. None takes the directory's name.
        replace: replace an older bundle in the output directory.
        tolerance: how often answers may be wrong before they are marked as abstained. None takes
            what the recipe says.
        notify: called with one line of text per event.

    Returns:
        The bundle: its path, manifest and digest.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` is not installed.
        burnish.errors.GateError: a gate failed; its ``gates`` hold all figures so far.
        burnish.errors.RunError: the run is damaged, or its base model has changed.
        burnish.errors.DataError: the rows have changed since the training.
        burnish.errors.UsageError: the output exists, or there is no such precision or gate.

    Examples:
        >>> bundle = burnish.export(run, "bundles/tickets")
        >>> bundle.manifest.precision
        'int8'
    """
    with _needs_train():
        from burnish.export import export_run
    return export_run(
        run,
        output,
        precision=precision,
        budgets=budgets,
        allow=allow,
        data=data,
        name=name,
        replace=replace,
        tolerance=tolerance,
        notify=notify,
    )


def _trust(keys: TrustedKeys | None) -> Trust | None:
    from burnish.signing.trust import Trust

    if keys is None or isinstance(keys, Trust):
        return keys
    return Trust.read([keys] if isinstance(keys, str | os.PathLike) else keys)


def _needs_train() -> AbstractContextManager[None]:
    from burnish.cli.extras import needs_extra

    return needs_extra("train")
