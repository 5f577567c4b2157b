"""What burnish asks of this task by its name."""

from __future__ import annotations

from burnish.tasks.extraction.checks import CHECKS
from burnish.tasks.extraction.rows import ExtractionBuilder
from burnish.tasks.extraction.settings import ExtractionTask
from burnish.tasks.kind import TaskKind

__all__ = ["KIND"]

KIND = TaskKind(settings=ExtractionTask, builder=ExtractionBuilder, checks=CHECKS)
