"""The learning rate by test, for ``burnish lr-find``."""

from __future__ import annotations

from burnish.notify import Notify, ignore
from burnish.recipe.recipe import Recipe

from ..data.splits import encode_parts, make_task
from ..distributed.determinism import reproducible
from .lr_finder import (
    HIGHEST,
    LOWEST,
    RangeTest,
    check_range_test,
    run_range_test,
    throw_away_loop,
)
from .preparation import prepare

__all__ = ["find_rate"]


def find_rate(
    recipe: Recipe,
    *,
    steps: int = 100,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    notify: Notify | None = None,
) -> tuple[RangeTest, Recipe]:
    """Test learning rates on a recipe's rows; nothing is written.

    Returns:
        The test, and the recipe resolved, with what ``auto`` would be without a test.

    Raises:
        ConfigError, DataError, BaseModelError: as in a training.
        RunError: the loss was no number from the first step on.
    """
    say = notify or ignore
    check_range_test(recipe)
    base, split, recipe = prepare(recipe)
    task = make_task(recipe, split, base)
    with reproducible(seed=recipe.train.seed, threads=int(recipe.train.threads)):
        parts = encode_parts(task, split, base.path / "tokenizer.json")
        say("preparing a copy of the model")
        loop = throw_away_loop(base, task, parts, recipe=recipe, steps=steps)
        say(f"raising the learning rate from {lowest:g} to {highest:g} in {steps} steps")
        return run_range_test(loop, steps=steps, lowest=lowest, highest=highest), recipe
