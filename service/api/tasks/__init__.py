"""What the service asks of each task: a file and a line of this table each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...routes import TASK_PATHS
from . import classification, extraction, pairs, qa, regression, summary, taxonomy, translation
from .kind import ServiceTask, array_of, schema_ref

__all__ = ["SERVICE_TASKS", "ServiceTask", "array_of", "schema_ref", "tasks_at"]

SERVICE_TASKS: Mapping[str, ServiceTask[Any, Any, Any]] = {
    "classification": classification.TASK,
    "extraction": extraction.TASK,
    "qa": qa.TASK,
    "pairs": pairs.TASK,
    "regression": regression.TASK,
    "taxonomy": taxonomy.TASK,
    "summary": summary.TASK,
    "translation": translation.TASK,
}
"""By the task's name; tasks of one path are tried in this order."""


def tasks_at(path: str) -> Mapping[str, ServiceTask[Any, Any, Any]]:
    """The tasks that share a path, by name; empty for any other path."""
    return {name: task for name, task in SERVICE_TASKS.items() if TASK_PATHS[name] == path}
