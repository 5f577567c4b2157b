"""``burnish init``: write a recipe with a comment on every line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from burnish.cli.task_names import task_name
from burnish.cli.terminal import Terminal
from burnish.errors import UsageError
from burnish.tasks.table import TASKS

if TYPE_CHECKING:
    from burnish.recipe.drafting import Draft

__all__ = ["EXAMPLE", "add_arguments", "run"]

EXAMPLE = """\
burnish init tickets.csv -o tickets.yaml
burnish init classification > recipe.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "given",
        type=_file_or_task,
        metavar="FILE|TASK",
        help=f"a rows file, whose task and columns are found; or a task: {', '.join(TASKS)}",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="where to write it (standard output)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Write the recipe, and the directory for it; a file that exists is left alone."""
    draft = _draft(arguments.given, arguments.output)
    if draft.described:
        terminal.note(f"{arguments.given}: {draft.described}")
    if arguments.output is None:
        terminal.result(draft.text.rstrip("\n"))
        terminal.document({"recipe": draft.text})
        return 0
    if arguments.output.exists():
        raise UsageError(f"{arguments.output} exists already", "choose another name")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    draft.write(arguments.output)
    terminal.note(f"wrote {arguments.output}; next: burnish train {arguments.output}")
    terminal.document({"recipe": draft.text, "file": str(arguments.output)})
    return 0


def _file_or_task(text: str) -> str:
    """A rows file, or the name of a task; for ``type=`` of an argument."""
    return text if _is_file(text) else task_name(text)


def _is_file(given: str) -> bool:
    return given not in TASKS and bool(Path(given).exists() or Path(given).suffix)


def _draft(given: str, output: Path | None) -> Draft:
    from burnish.recipe.drafting import Draft, draft_recipe
    from burnish.recipe.template import init_recipe

    if _is_file(given):
        return draft_recipe(Path(given), beside=Path.cwd() if output is None else output.parent)
    return Draft(name=given, text=init_recipe(given))
