"""The kind of a task: what burnish asks of it before a model, or a row, is read.

Each task has one, in its ``kind.py``. It says what the rest of the core would otherwise ask by
the task's name; what training, export and the service ask lies in a table of each room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from burnish.tasks.base import TaskSettings
from burnish.tasks.rows import TaskRows

__all__ = ["TaskKind"]


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """What is known of a task by its name alone."""

    settings: type[TaskSettings[Any, Any, Any]]
    rows: TaskRows
    """How its rows are written."""
