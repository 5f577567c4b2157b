"""Train a model, or adopt one that was trained elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from burnish.api.extras import needs_train
from burnish.api.recipes import given_recipe, listed
from burnish.api.tables import data_sets

if TYPE_CHECKING:
    from burnish.api.tables import Table
    from burnish.api.trained import TrainedRun
    from burnish.data import Columns
    from burnish.recipe.recipe import Recipe

__all__ = ["adopt", "train"]


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
) -> TrainedRun:
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
        The run: its path, resolved recipe, record and metrics. It exports, predicts and evaluates,
        and a notebook shows its scores and gates.

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

    asked = {"task": task, "text": text, "label": label}
    given = {key: value for key, value in asked.items() if value is not None}
    overrides = listed(overrides)
    parts = None if data is None else data_sets(data)
    if is_table(recipe):
        parts = data_sets(recipe)
        recipe = draft_keys(parts["train"], given, overrides=overrides)
    elif isinstance(recipe, str | os.PathLike) and not is_recipe(Path(recipe)):
        recipe = draft_keys(Path(recipe), given, overrides=overrides)
    elif given:
        names = ", ".join(given)
        raise UsageError(f"{names}: the recipe says it", "leave it out, or give rows instead")
    if output is not None:
        overrides.append(f"output={json.dumps(os.fspath(output))}")
    resolved = given_recipe(recipe, overrides)
    check_unowned(training_place(resolved.output))  # before torch is imported, which takes seconds
    with needs_train():
        from burnish.training import train
    from burnish.api.trained import TrainedRun

    run = train(
        resolved, data=parts, replace=replace, fresh=fresh, notify=notify, progress=progress
    )
    return TrainedRun.of(run, parts)


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
) -> TrainedRun:
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
    with needs_train():
        from burnish.training import adopt
    from burnish.api.trained import TrainedRun

    run = adopt(
        os.fspath(checkpoint),
        Path(data),
        Path(output),
        task=task,
        test=test if isinstance(test, float) else Path(test),
        base=None if base is None else os.fspath(base),
        revision=revision,
        output_names=output_names,
        mapping=mapping,
        columns=columns,
        settings=settings,
        replace_run=replace,
        notify=notify,
    )
    return TrainedRun.of(run)
