"""A training from recipe to run directory, to be read from top to bottom."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from torch import nn

from burnish.config import Recipe
from burnish.data import DataSet, Rows
from burnish.directory import check_free, staged_directory
from burnish.errors import ConfigError
from burnish.run import Run, read_run
from burnish.tasks.evaluation import Evaluation, check_labels
from burnish.torch_models.base import resolve_base
from burnish.torch_models.checkpoint import load_model

from .defaults import check_window, resolve_recipe
from .determinism import reproducible
from .evaluation import score_model
from .evidence import gather_evidence
from .features import encode_rows
from .methods import find_method
from .parts import encode_parts, make_task, read_split
from .processes import check_shares, from_first, is_first, joined
from .saving import save_run
from .trackers import check_tracker, tracked
from .tuning import Notify, tune_model

__all__ = ["evaluate_run", "load_run_model", "train"]


def train(
    recipe: Recipe,
    *,
    data: DataSet | Mapping[str, DataSet] | None = None,
    replace: bool = False,
    notify: Notify | None = None,
    progress: bool | None = None,
) -> Run:
    """Train as a recipe says and leave a run directory.

    Started by ``torchrun``, the processes train one model together, and the first of them writes.

    Args:
        recipe: of :func:`burnish.config.load_recipe`.
        data: a Hugging Face ``Dataset`` in the place of ``data.train``, or a ``DatasetDict`` with
            a validation and a test set too.
        replace: put the run in the place of an older one.
        notify: told what is going on, a line at a time.
        progress: show a bar on stderr; where None, if stderr is a terminal.

    Raises:
        ConfigError: the recipe asks for what does not exist.
        UsageError: the output directory holds something that may not be replaced.
        DataError: the rows are wrong, or there is no validation set.
        BaseModelError: the base model is refused.
        RunError: the training diverged, or the saved model is not the trained one.
        SystemExit: another process failed, and says why.
    """
    with joined():
        if not is_first():
            notify, progress = None, False
        run = _train(recipe, data, replace=replace, say=notify or _ignore, progress=progress)
        return cast(Run, from_first(run))


def _train(
    recipe: Recipe,
    data: DataSet | Mapping[str, DataSet] | None,
    *,
    replace: bool,
    say: Notify,
    progress: bool | None,
) -> Run | None:
    """The run; None in all but the first of the processes that train it."""
    begin = time.monotonic()
    _check_options(recipe)
    check_free(recipe.output, marker="record.json", replace=replace)
    base = resolve_base(recipe.base_model, recipe.revision)
    check_window(recipe, base)
    split = read_split(recipe, data)
    recipe = resolve_recipe(recipe, base, multi_label=split.sources["train"].multi_label)
    check_shares(int(recipe.train.batch_size), method=recipe.method)
    task = make_task(recipe, split)
    parts = encode_parts(task, split, base.path / "tokenizer.json")
    settings = recipe.train
    with (
        reproducible(seed=settings.seed, threads=int(settings.threads), device=settings.device),
        _staging(recipe, replace=replace) as staging,
        tracked(recipe, say),
    ):
        tuned = tune_model(
            base,
            task,
            parts,
            recipe=recipe,
            staging=staging,
            progress=sys.stderr.isatty() if progress is None else progress,
            say=say,
        )
        if not is_first():
            return None
        evidence = gather_evidence(tuned, parts, base=base, split=split, recipe=recipe, say=say)
        save_run(
            staging,
            tuned,
            evidence,
            base=base,
            recipe=recipe,
            split=split,
            parts=parts,
            wall_time_s=time.monotonic() - begin,
        )
    for note in (*parts.notes, *tuned.notes):
        say(f"note: {note}")
    return read_run(recipe.output)


def evaluate_run(run: Run, rows: Rows) -> Evaluation:
    """Score a run's model on other rows.

    Raises:
        DataError: the rows are of another task, or hold a label that the model does not know.
        RunError: the run's base model was changed.
    """
    task = run.record.task
    check_labels(task, rows)
    encoder = task.text_encoder(run.path / "model" / "tokenizer.json")
    encoded = encode_rows(task, rows.examples, encoder)
    training = run.record.training
    with reproducible(seed=training.seed, threads=training.threads):
        return score_model(load_run_model(run), task, encoded)


def load_run_model(run: Run) -> nn.Module:
    """A run's model in eval mode, an adapter still unmerged."""
    base = run.record.base_model
    return load_model(
        run.path,
        task=run.record.task,
        base=(base.name, base.revision, base.digest),
        pooling=run.record.pooling,
    )


def _check_options(recipe: Recipe) -> None:
    """What a recipe cannot say of itself, before anything is read."""
    find_method(recipe.method)
    check_tracker(recipe)
    if recipe.train.class_weights != "none" and recipe.task != "classification":
        raise ConfigError(
            f"train -> class_weights: {recipe.train.class_weights} is for classification alone",
            "set train.class_weights=none",
        )
    if recipe.train.cloze not in ("auto", 0) and recipe.task != "qa":
        raise ConfigError(
            f"train -> cloze: {recipe.train.cloze:g} questions a row are for qa alone",
            "leave train.cloze out",
        )


@contextmanager
def _staging(recipe: Recipe, *, replace: bool) -> Iterator[Path]:
    """Where a run is written; what all but the first process write is thrown away."""
    if is_first():
        with staged_directory(recipe.output, marker="record.json", replace=replace) as staging:
            yield staging
        return
    with TemporaryDirectory(prefix="burnish-") as scratch:
        yield Path(scratch)


def _ignore(_: str) -> None:
    """Nobody is told."""
