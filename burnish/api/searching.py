"""Search for the values of a recipe's keys that do best on validation."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.api.extras import needs_train
from burnish.api.recipes import given_recipe

if TYPE_CHECKING:
    from burnish.api.recipes import GivenRecipe
    from burnish.training.pipeline.search import Found

__all__ = ["search"]


def search(
    recipe: GivenRecipe,
    overrides: Sequence[str] = (),
    *,
    trials: int,
    output: str | os.PathLike[str] | None = None,
    notify: Callable[[str], None] | None = None,
    progress: bool | None = None,
) -> Found:
    """Try values of a recipe's ranges, and write the recipe that is best on validation.

    Test rows are not scored. A search that was stopped or killed continues where it was.

    Args:
        recipe: a recipe with ``search.ranges``: its file, a `Recipe`, or its keys. The rows are
            in files.
        overrides: ``key=value``, as on the command line.
        trials: how many in all, those of an interrupted search included.
        output: the directory for the trials and ``best.yaml``. None takes the recipe's output with
            ``-search`` after its name.
        notify: called with one line of text per event.
        progress: whether to draw a progress bar on standard error. None draws one on a terminal.

    Returns:
        All trials, the best first, and the path of the best recipe, which `train` takes.

    Raises:
        burnish.errors.MissingExtraError: the extra ``train`` or ``search`` is not installed.
        burnish.errors.ConfigError: the recipe is wrong, or has no ranges.
        burnish.errors.UsageError: the directory is a file, or ``trials`` is less than 1.
        burnish.errors.RunError: the directory holds another search, another process searches
            there, no trial could be trained, or the disk is full.
        burnish.errors.DataError: the rows are wrong, or there is no validation set.
        burnish.errors.BaseModelError: the base model is refused.
        burnish.errors.StoppedError: SIGTERM or SIGINT stopped the search.

    Examples:
        >>> found = burnish.search("tickets.yaml", trials=20)
        >>> found.best.values
        {'train.learning_rate': 0.00031, 'train.epochs': 10}
        >>> run = burnish.train(found.recipe)
    """
    from burnish.recipe.searching import search_directory

    resolved = given_recipe(recipe, overrides)
    with needs_train():
        from burnish.training.pipeline.search import search

    directory = search_directory(resolved.output) if output is None else Path(output)
    return search(resolved, directory, trials=trials, notify=notify, progress=progress)
