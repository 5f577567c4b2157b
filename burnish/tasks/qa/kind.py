"""What burnish asks of this task by its name."""

from __future__ import annotations

from burnish.tasks.kind import TaskKind
from burnish.tasks.qa.checks import CHECKS
from burnish.tasks.qa.rows import QABuilder
from burnish.tasks.qa.settings import QATask

__all__ = ["KIND"]

KIND = TaskKind(settings=QATask, builder=QABuilder, checks=CHECKS)
