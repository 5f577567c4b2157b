"""The table of tasks: one line each.

A task is named here, and its kind imported when it is asked for, because a task's own files build
on rooms that ask this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, cast

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from burnish.tasks.kind import TaskKind

__all__ = ["TASKS", "TaskName", "find_task"]

TASKS: Mapping[str, str] = {
    "classification": "burnish.tasks.classification.kind",
    "extraction": "burnish.tasks.extraction.kind",
    "qa": "burnish.tasks.qa.kind",
}
"""Where each task's kind lies, by the task's name."""


@cache
def find_task(name: str) -> TaskKind:
    """The kind of a task.

    Raises:
        KeyError: no task is called so.
    """
    return cast(TaskKind, import_module(TASKS[name]).KIND)


def _known(name: str) -> str:
    if name not in TASKS:
        *most, last = map(repr, TASKS)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(most)} or {last}"})
    return name


TaskName = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"enum": list(TASKS), "type": "string"})
]
"""A task's name, as a field of a pydantic model."""
