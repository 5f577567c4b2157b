"""The learning rate by test: for ``burnish lr-find``, and where the table of ``auto`` has no entry.

The table was measured at a hidden size of 384. For other sizes it is only scaled, and a rate that
is too high ruins an encoder, while one that is too low is merely slow. So there a range test is
asked, and ``auto`` is the lower of the two.
"""

from __future__ import annotations

from burnish.config import Recipe
from burnish.tasks import Task
from burnish.torch_models.base import BaseModel

from .defaults import MEASURED_SIZE
from .determinism import reproducible
from .parts import EncodedParts, encode_parts, make_task
from .preparation import check_options, prepare
from .range_test import HIGHEST, LOWEST, RangeTest, run_range_test, throw_away_loop
from .tuned import Notify

__all__ = ["find_rate", "with_tested_rate"]

_STEPS = 40
"""Of the test that ``auto`` makes: fewer than a person's, it costs time in every such training."""


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
    say = notify or (lambda _: None)
    check_options(recipe)
    base, split, recipe = prepare(recipe)
    task = make_task(recipe, split)
    with reproducible(seed=recipe.train.seed, threads=int(recipe.train.threads)):
        parts = encode_parts(task, split, base.path / "tokenizer.json")
        say("preparing a copy of the model")
        loop = throw_away_loop(base, task, parts, recipe=recipe, steps=steps)
        say(f"raising the learning rate from {lowest:g} to {highest:g} in {steps} steps")
        return run_range_test(loop, steps=steps, lowest=lowest, highest=highest), recipe


def with_tested_rate(
    given: Recipe,
    resolved: Recipe,
    *,
    base: BaseModel,
    task: Task,
    parts: EncodedParts,
    say: Notify,
) -> Recipe:
    """The resolved recipe, its ``auto`` rate lowered where a range test says so.

    Args:
        given: as the user wrote it.
        resolved: what :func:`burnish.training.defaults.resolve_recipe` made of it.
        base: of a measured size nothing is tested.
        task: its labels and window.
        parts: encoded rows.
        say: told what is going on.
    """
    if given.train.learning_rate != "auto" or base.hidden_size == MEASURED_SIZE:
        return resolved
    say(f"testing learning rates: burnish has none for a hidden size of {base.hidden_size}")
    loop = throw_away_loop(base, task, parts, recipe=resolved, steps=_STEPS)
    found = run_range_test(loop, steps=_STEPS).suggestion
    table = float(resolved.train.learning_rate)
    rate = min(found, table)
    say(f"learning rate {rate:g} (by the table {table:g}, by the test {found:g})")
    changed = {"learning_rate": rate}
    if given.train.head_learning_rate == "auto":
        ratio = float(resolved.train.head_learning_rate) / table
        changed["head_learning_rate"] = rate * ratio
    return resolved.model_copy(update={"train": resolved.train.model_copy(update=changed)})
