"""``burnish init``: write a recipe with a comment on every line."""

from __future__ import annotations

import argparse
from pathlib import Path

from burnish.cli.task_names import task_name
from burnish.cli.terminal import Terminal
from burnish.errors import UsageError
from burnish.tasks.table import TASKS

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish init classification > tickets.yaml
burnish init qa --output handbook.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "task", type=task_name, metavar="TASK", help=f"the model's task: {', '.join(TASKS)}"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (standard output)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the recipe, and the directory for it; a file that exists is left alone."""
    from burnish.recipe.recipe import init_recipe

    recipe = init_recipe(arguments.task)
    if arguments.output is None:
        terminal.result(recipe.rstrip("\n"))
        terminal.document({"recipe": recipe})
        return 0
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    try:
        with arguments.output.open("x", encoding="utf-8") as file:
            file.write(recipe)
    except FileExistsError as error:
        raise UsageError(f"{arguments.output} exists already", "choose another name") from error
    terminal.note(f"wrote {arguments.output}; next: burnish train {arguments.output}")
    terminal.document({"recipe": recipe, "file": str(arguments.output)})
    return 0
