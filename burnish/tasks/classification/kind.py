"""What burnish asks of this task by its name."""

from __future__ import annotations

from burnish.tasks.classification.rows import ClassificationBuilder
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.kind import TaskKind
from burnish.tasks.labelled.errors import LabelErrors

__all__ = ["KIND"]

KIND = TaskKind(settings=ClassificationTask, builder=ClassificationBuilder, errors=LabelErrors())
