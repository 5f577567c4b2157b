"""The table of tasks: one line each.

The table names the module of each kind, which is imported on demand: a task's files use modules
that import this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, cast

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from burnish.tasks.kind import TaskKind
from burnish.tasks.shapes import Shape

__all__ = ["TASKS", "TaskName", "find_task", "tasks_of"]

TASKS: Mapping[str, str] = {
    "classification": "burnish.tasks.classification.kind",
    "extraction": "burnish.tasks.extraction.kind",
    "qa": "burnish.tasks.qa.kind",
    "pairs": "burnish.tasks.pairs.kind",
    "regression": "burnish.tasks.regression.kind",
    "taxonomy": "burnish.tasks.taxonomy.kind",
    "summary": "burnish.tasks.summary.kind",
    "translation": "burnish.tasks.translation.kind",
}
"""Where each task's kind lies, by the task's name."""


@cache
def find_task(name: str) -> TaskKind:
    """The kind of a task.

    Raises:
        KeyError: no task is called so.
    """
    return cast(TaskKind, import_module(TASKS[name]).KIND)


def tasks_of(shape: Shape) -> tuple[str, ...]:
    """Names of the tasks whose rows have a shape, in the table's order."""
    return tuple(name for name in TASKS if find_task(name).rows.shape is shape)


def _known(name: str) -> str:
    if name not in TASKS:
        *most, last = map(repr, TASKS)
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(most)} or {last}"})
    return name


TaskName = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"enum": list(TASKS), "type": "string"})
]
"""A task's name, as a field of a pydantic model."""
