"""``burnish lr-find``: raise the learning rate on a throw-away copy until the loss rises too."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from burnish.cli.curve import draw_curve
from burnish.cli.extras import needs_extra
from burnish.cli.numbers import positive_int
from burnish.cli.terminal import Terminal, shown
from burnish.cli.train import notifier

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish lr-find tickets.yaml
burnish lr-find tickets.yaml method=lora --steps 60 --plot rates.svg"""

_LINES = 12
"""Of the curve that are printed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("recipe", type=Path, metavar="RECIPE", help="a recipe (burnish init)")
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="override keys of the recipe"
    )
    parser.add_argument(
        "--steps",
        type=positive_int,
        default=100,
        metavar="N",
        help="number of steps from 1e-7 to 0.1 (100)",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curve into an SVG file")


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the curve and what it suggests."""
    from burnish.recipe.recipe import load_recipe

    recipe = load_recipe(arguments.recipe, arguments.overrides, notify=terminal.note)
    with needs_extra("train"):
        from burnish.training.pipeline.learning_rate import find_rate
    found, resolved = find_rate(recipe, steps=arguments.steps, notify=notifier(terminal))
    table = float(resolved.train.learning_rate)
    every = max(1, len(found.rates) // _LINES)
    terminal.table(
        ("learning rate", "loss", "smoothed"),
        list(zip(found.rates, found.losses, found.smoothed, strict=True))[::every],
    )
    terminal.result()
    terminal.result(f"suggested: train.learning_rate={found.suggestion:g} (now {table:g})")
    if found.diverged is not None:
        terminal.result(f"the loss had doubled at {found.diverged:.2g}")
    if arguments.plot is not None:
        curve = draw_curve(
            found.rates,
            {"loss": found.losses, "smoothed": found.smoothed},
            marks={"suggested": found.suggestion, "least loss": found.least},
        )
        arguments.plot.write_text(curve, encoding="utf-8")
        terminal.note(f"drawn: {shown(arguments.plot)}")
    terminal.document(_document(found, table=table))
    return 0


def _document(found: Any, *, table: float) -> dict[str, Any]:
    finite = [
        (rate, loss, smooth)
        for rate, loss, smooth in zip(found.rates, found.losses, found.smoothed, strict=True)
        if smooth != float("inf")
    ]
    return {
        "suggestion": found.suggestion,
        "recipe": table,
        "least": found.least,
        "diverged": found.diverged,
        "curve": [{"rate": r, "loss": loss, "smoothed": s} for r, loss, s in finite],
    }
