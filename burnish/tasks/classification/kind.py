"""What burnish asks of this task by its name."""

from __future__ import annotations

from burnish.tasks.classification.rows import ROWS
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.kind import TaskKind

__all__ = ["KIND"]

KIND = TaskKind(settings=ClassificationTask, rows=ROWS)
