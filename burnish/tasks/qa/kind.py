"""What burnish asks of this task by its name."""

from __future__ import annotations

from burnish.tasks.kind import TaskKind
from burnish.tasks.qa.rows import ROWS
from burnish.tasks.qa.settings import QATask

__all__ = ["KIND"]

KIND = TaskKind(settings=QATask, rows=ROWS)
