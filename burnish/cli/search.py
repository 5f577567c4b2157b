"""``burnish search``: find values of a recipe's keys that do best on validation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.cli.extras import needs_extra
from burnish.cli.numbers import positive_int
from burnish.cli.terminal import Terminal, shown
from burnish.cli.train import notifier
from burnish.recipe.recipe import load_recipe
from burnish.recipe.searching import search_directory

if TYPE_CHECKING:
    from burnish.training.pipeline.search import Found, TrialResult

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish search tickets.yaml --trials 20
burnish search tickets.yaml --trials 40 -o searches/tickets"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="a recipe with search.ranges")
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="override keys of the recipe"
    )
    parser.add_argument(
        "--trials",
        type=positive_int,
        required=True,
        metavar="N",
        help="how many in all, those of an interrupted search included",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="for the trials and best.yaml (the recipe's output with -search)",
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Search, then print the trials and where the best recipe lies."""
    recipe = load_recipe(arguments.recipe, arguments.overrides, notify=terminal.note)
    output = arguments.output or search_directory(recipe.output)
    with needs_extra("train"):
        from burnish.training.pipeline.search import search
    found = search(
        recipe,
        output,
        trials=arguments.trials,
        notify=notifier(terminal),
        progress=terminal.is_interactive,
    )
    _print(terminal, found)
    terminal.note(f"next: burnish train {shown(found.recipe)}")
    terminal.document(found.to_json())
    return 0


def _print(terminal: Terminal, found: Found) -> None:
    keys = list(found.best.values)
    rows = [
        [_score(each), each.outcome, *(_cell(each.values.get(key)) for key in keys)]
        for each in found.trials
    ]
    terminal.table([f"{found.metric} on validation", "trial", *keys], rows)
    terminal.result()
    terminal.result(
        f"the best score is one of {len(found.trials)} on the same validation rows, and may be "
        f"too good by {found.optimism:.3f}; no trial has seen the test rows"
    )
    terminal.result(f"recipe: {shown(found.recipe)}")


def _score(trial: TrialResult) -> str:
    if trial.score is None:
        return "-"
    if trial.low is None or trial.high is None:
        return f"{trial.score:.4f}"
    return f"{trial.score:.4f} [{trial.low:.4f}, {trial.high:.4f}]"


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
