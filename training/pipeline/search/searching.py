"""Train trial after trial, judge each on validation alone, and write the best recipe."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from burnish.directory import write_synced
from burnish.errors import (
    BaseModelError,
    ConfigError,
    DataError,
    DivergedError,
    RunError,
    UsageError,
)
from burnish.interruption import Interruption
from burnish.lock import owned
from burnish.notify import Notify, ignore
from burnish.recipe.overrides import merged, nested
from burnish.recipe.recipe import Recipe, parse_recipe, write_recipe
from burnish.recipe.searching import SearchRange
from burnish.tasks.intervals import Interval

from ...checkpointing.checkpoints import Clock, Keeping
from ...checkpointing.workdir import TrainingPlace, telling_full_disk
from ...data.splits import encode_parts, make_task, size_task
from ...distributed.determinism import reproducible
from ...loop.fitting import Watch
from ...loop.history import Epoch
from ...record.fingerprint import basis_of
from ..distillation.teaching import teacher_digests
from ..preparation import prepare
from ..train import tune_seeds
from .study_file import telling_of_study_file
from .trials import Found, Trials

__all__ = ["search"]

_FILE, _BEST = "trials.sqlite", "best.yaml"
_OF_THE_VALUES = (ConfigError, DataError, BaseModelError, DivergedError)
"""Errors of what a trial tries. Any other (a full disk, a signal) ends the search for now."""


class _NotWorthIt(Exception):  # noqa: N818  no error: the trial is behind the others
    """A trial that is stopped early."""


def search(
    recipe: Recipe,
    directory: Path,
    *,
    trials: int,
    notify: Notify | None = None,
    progress: bool | None = None,
) -> Found:
    """Try values of a recipe's ranges, and write the recipe that is best on validation.

    Every trial trains one seed on the same rows. Test rows are neither scored nor, where they are
    a file, read. A search that was stopped or killed goes on where it was, and a trial that was
    being trained from its newest checkpoint.

    Args:
        recipe: with ``search.ranges``.
        directory: for the trials and the best recipe; made where it is missing.
        trials: how many in all, those of an earlier call included.
        notify: told what is going on, a line at a time.
        progress: show a bar on stderr; where None, if stderr is a terminal.

    Raises:
        ConfigError: there are no ranges, or a value in them is not one of the key.
        MissingExtraError: Optuna is not installed.
        UsageError: the directory is a file, or no trial is asked for.
        RunError: the directory holds another search, or another process searches there; its file
            of trials is damaged, locked or something else; or no trial could be trained.
        DataError, BaseModelError: as :func:`burnish.training.train`.
        StoppedError: SIGTERM or SIGINT came.
    """
    ranges = recipe.search.ranges
    if not ranges:
        raise ConfigError(
            "search -> ranges: there is nothing to try",
            "for example search: {ranges: {train.learning_rate: {low: 1e-5, high: 1e-3}}}",
        )
    if trials < 1:
        raise UsageError(f"{trials} trials find nothing", "give a whole number of at least 1")
    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file", "name a directory for the trials (-o)")
    tried = _for_trials(recipe)
    _check(tried, ranges)
    basis = _basis(tried, ranges)
    stop, say = Interruption(), notify or ignore
    shown = sys.stderr.isatty() if progress is None else progress
    file = directory / _FILE
    with owned(directory, by="search"), stop.listening(), telling_of_study_file(file):
        kept = Trials(file, ranges, seed=recipe.train.seed, basis=basis)
        while len(kept) < trials:
            _attempt(kept, tried, directory, stop=stop, say=say, progress=shown)
        results = kept.results()
        if not results or results[0].outcome != "done":
            raise RunError(
                f"none of {len(results)} trials could be trained to the end: {results[-1].why}",
                "look at the ranges",
            )
        best = _with(recipe, {**results[0].values, "search.trials": len(results)})
        _write(best, directory / _BEST)
    return Found(kept.metric, results[0], results, directory / _BEST)


def _for_trials(recipe: Recipe) -> Recipe:
    """One seed, and no test rows where they are a file; a share stays set aside."""
    data = recipe.data
    test = data.test if isinstance(data.test, float) else None
    return recipe.model_copy(
        update={
            "data": data.model_copy(update={"test": test}),
            "train": recipe.train.model_copy(update={"seeds": 1}),
        }
    )


def _basis(recipe: Recipe, ranges: Mapping[str, SearchRange]) -> dict[str, Any]:
    """What every trial rests on: the rows, the base, versions, and the keys that do not differ."""
    base, split, resolved = prepare(recipe)
    found = basis_of(resolved, base=base, split=split, terms=None, teacher=teacher_digests(recipe))
    drawn = {f"search.ranges.{key}": each.model_dump(mode="json") for key, each in ranges.items()}
    return {**{name: value for name, value in found.items() if name not in ranges}, **drawn}


def _check(recipe: Recipe, ranges: Mapping[str, SearchRange]) -> None:
    """Refuse a range with a value that its key cannot have, before anything is trained."""
    for key, each in ranges.items():
        for value in each.ends:
            _with(recipe, {key: value})


def _with(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """The recipe with other values of some keys.

    Raises:
        ConfigError: a key has no such value.
    """
    document = recipe.model_dump(mode="json")
    for key, value in values.items():
        parts = tuple(key.split("."))
        document = merged(document, parts, nested(parts, value))
    return parse_recipe(document, source="search -> ranges")


def _attempt(
    kept: Trials,
    recipe: Recipe,
    directory: Path,
    *,
    stop: Interruption,
    say: Notify,
    progress: bool,
) -> None:
    """Train the next trial, and keep what became of it."""
    trial, values, name = kept.ask()
    said = ", ".join(f"{key}={_shown(value)}" for key, value in values.items())
    say(f"{name}: {said}")
    place = directory / name

    def watch(epoch: Epoch) -> None:
        trial.report(epoch.score, epoch.epoch)
        if trial.should_prune():
            raise _NotWorthIt

    def keep(metric: str, score: Interval) -> None:
        kept.metric = metric
        kept.done(trial, score.value, low=score.low, high=score.high)

    keeping = Keeping(stop, Clock(time.monotonic()), ignore)
    try:
        one = _with(recipe, {**values, "output": str(place)})
        metric, score = _train(one, keeping, keep=keep, watch=watch, progress=progress)
    except _NotWorthIt:
        kept.stopped(trial)
        shutil.rmtree(TrainingPlace(place, keeping).path, ignore_errors=True)
        say(f"{name}: stopped early")
    except _OF_THE_VALUES as error:
        kept.failed(trial, error.message)
        shutil.rmtree(TrainingPlace(place, keeping).path, ignore_errors=True)
        say(f"{name}: failed: {error.message}")
    else:
        say(f"{name}: {metric} {score.value:.4f} [{score.low:.4f}, {score.high:.4f}]")


def _train(
    recipe: Recipe,
    keeping: Keeping,
    *,
    keep: Callable[[str, Interval], None],
    watch: Watch,
    progress: bool,
) -> tuple[str, Interval]:
    """Tune a trial's model, and give ``keep`` its main metric on validation.

    The checkpoints go once the score is kept: where that fails, the trial is not trained again.
    """
    base, split, recipe = prepare(recipe)
    split = replace(split, test=None, shares={})
    place = TrainingPlace(recipe.output, keeping)
    basis = basis_of(recipe, base=base, split=split, terms=None, teacher=teacher_digests(recipe))
    settings = recipe.train
    with (
        reproducible(seed=settings.seed, threads=int(settings.threads), device=settings.device),
        place.held(basis, fresh=False),
        telling_full_disk(place),
    ):
        task = make_task(recipe, split, base)
        parts = encode_parts(task, split, base.path / "tokenizer.json")
        recipe, task = size_task(recipe, task, parts)
        tuned, _ = tune_seeds(base, task, parts, recipe, place, {}, progress=progress, watch=watch)
        metric = tuned.task.main_metric
        score = tuned.evaluations["validation"].metrics[metric]
        keep(metric, score)
    return metric, score


def _write(recipe: Recipe, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.fresh")
    write_recipe(recipe, fresh)
    write_synced(target, fresh.read_bytes())
    fresh.unlink()


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
