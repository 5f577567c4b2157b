"""Extraction: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.tasks.extraction.cells import EntityCells
from burnish.tasks.extraction.checks import CHECKS
from burnish.tasks.extraction.errors import EntityErrors
from burnish.tasks.extraction.rows import ROWS
from burnish.tasks.extraction.self_test import RECORDER
from burnish.tasks.extraction.settings import ExtractionTask
from burnish.tasks.extraction.words import WORDS
from burnish.tasks.inputs import TEXT
from burnish.tasks.kind import TaskKind
from burnish.tasks.neutral import TEXTS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=ExtractionTask,
    rows=ROWS,
    checks=CHECKS,
    errors=EntityErrors(),
    inputs=TEXT,
    neutral=TEXTS,
    recorder=RECORDER,
    words=WORDS,
    cells=EntityCells(),
)
