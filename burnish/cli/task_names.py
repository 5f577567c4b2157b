"""Names of tasks on the command line, and what other tools call them."""

from __future__ import annotations

import argparse

from burnish.cli.usage import nearest
from burnish.tasks.table import TASKS

__all__ = ["task_name"]

_MEANT = {
    "classification": "classify classifier classes text-classification sentiment intent topic "
    "label labels sequence-classification multi-label",
    "extraction": "ner entities entity tagging tags spans extract token-classification "
    "named-entity-recognition pos",
    "qa": "question-answering questions question answers squad reading-comprehension extractive-qa",
}
"""Other names of the tasks."""


def task_name(text: str) -> str:
    """The name of a task, for ``type=`` of an option.

    Raises:
        ArgumentTypeError: there is no such task; names the one that was probably meant.
    """
    if text in TASKS:
        return text
    plain = text.casefold().replace("_", "-")
    meant = next((task for task, names in _MEANT.items() if plain in names.split()), "")
    meant = meant or nearest(text, TASKS)
    hint = f"did you mean {meant}?" if meant else f"the tasks are: {', '.join(TASKS)}"
    raise argparse.ArgumentTypeError(f"there is no task {text!r}; {hint}")
