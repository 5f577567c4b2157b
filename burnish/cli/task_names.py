"""Names of tasks on the command line, and what other tools call them."""

from __future__ import annotations

import argparse

from burnish.cli.usage import nearest
from burnish.tasks.table import TASKS, find_task

__all__ = ["task_name"]


def task_name(text: str) -> str:
    """The name of a task, for ``type=`` of an option.

    Raises:
        ArgumentTypeError: there is no such task; names the one that was probably meant.
    """
    if text in TASKS:
        return text
    plain = text.casefold().replace("_", "-")
    meant = next((task for task in TASKS if plain in find_task(task).words.aliases.split()), "")
    meant = meant or nearest(text, TASKS)
    hint = f"did you mean {meant}?" if meant else f"the tasks are: {', '.join(TASKS)}"
    raise argparse.ArgumentTypeError(f"there is no task {text!r}; {hint}")
