"""Classification: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.data.checks.labelled import LABELLED
from burnish.tasks.classification.rows import ROWS
from burnish.tasks.classification.settings import ClassificationTask
from burnish.tasks.classification.words import WORDS
from burnish.tasks.inputs import TEXT
from burnish.tasks.kind import TaskKind
from burnish.tasks.labelled.cells import LabelCells
from burnish.tasks.labelled.errors import LabelErrors
from burnish.tasks.labelled.self_test import RECORDER
from burnish.tasks.neutral import TEXTS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=ClassificationTask,
    rows=ROWS,
    checks=LABELLED,
    errors=LabelErrors(),
    inputs=TEXT,
    neutral=TEXTS,
    recorder=RECORDER,
    words=WORDS,
    cells=LabelCells(),
    section="classification",
)
