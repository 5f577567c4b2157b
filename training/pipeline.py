"""A training from recipe to run directory, to be read from top to bottom."""

from __future__ import annotations

import sys
import time

from torch import nn

from burnish.config import Recipe
from burnish.data import Rows
from burnish.directory import check_free, staged_directory
from burnish.errors import ConfigError
from burnish.run import Run, read_run
from burnish.tasks.evaluation import Evaluation, check_labels
from burnish.torch_models.base import BaseModel, resolve_base
from burnish.torch_models.checkpoint import load_model

from .defaults import check_window, resolve_recipe, window_length
from .determinism import reproducible
from .evaluation import score_model
from .evidence import gather_evidence
from .features import encode_rows
from .methods import Cell, check_cell, find_method
from .parts import encode_parts, make_task, read_split
from .saving import save_run
from .tuning import Notify, tune_model

__all__ = ["evaluate_run", "load_run_model", "train"]


def train(
    recipe: Recipe,
    *,
    replace: bool = False,
    notify: Notify | None = None,
    progress: bool | None = None,
) -> Run:
    """Train as a recipe says and leave a run directory.

    Args:
        recipe: of :func:`burnish.config.load_recipe`.
        replace: put the run in the place of an older one.
        notify: told what is going on, a line at a time.
        progress: show a bar on stderr; where None, if stderr is a terminal.

    Raises:
        ConfigError: the recipe asks for what does not exist.
        UsageError: the output directory holds something that may not be replaced.
        DataError: the rows are wrong, or there is no validation set.
        BaseModelError: the base model is refused.
        RunError: the training diverged, or the saved model is not the trained one.
    """
    begin = time.monotonic()
    say = notify or _ignore
    _check_options(recipe)
    check_free(recipe.output, marker="record.json", replace=replace)
    base = resolve_base(recipe.base_model, recipe.revision)
    check_window(recipe, base)
    check_cell(_cell(recipe, base))
    split = read_split(recipe)
    recipe = resolve_recipe(recipe, base, multi_label=split.sources["train"].multi_label)
    task = make_task(recipe, split)
    parts = encode_parts(task, split, base.path / "tokenizer.json")
    settings = recipe.train
    with (
        reproducible(seed=settings.seed, threads=int(settings.threads)),
        staged_directory(recipe.output, marker="record.json", replace=replace) as staging,
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


def _cell(recipe: Recipe, base: BaseModel) -> Cell:
    return Cell(
        recipe=recipe,
        family=base.family,
        positions=base.positions,
        max_length=window_length(recipe, base),
    )


def _check_options(recipe: Recipe) -> None:
    """What a recipe cannot say of itself, before anything is read."""
    find_method(recipe.method)
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


def _ignore(_: str) -> None:
    """Nobody is told."""
