"""What burnish asks of this task by its name."""

from __future__ import annotations

from burnish.data.checks.labelled import LABELLED
from burnish.tasks.classification.rows import ClassificationBuilder
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.kind import TaskKind

__all__ = ["KIND"]

KIND = TaskKind(settings=ClassificationTask, builder=ClassificationBuilder, checks=LABELLED)
