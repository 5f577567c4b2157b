"""Translations: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.tasks.inputs import TEXT
from burnish.tasks.kind import TaskKind
from burnish.tasks.neutral import TEXTS
from burnish.tasks.translation.checks import CHECKS
from burnish.tasks.translation.rows import ROWS
from burnish.tasks.translation.settings import TranslationTask
from burnish.tasks.translation.words import WORDS
from burnish.tasks.written.cells import WrittenCells
from burnish.tasks.written.errors import WrittenErrors
from burnish.tasks.written.self_test import RECORDER

__all__ = ["KIND"]

KIND = TaskKind(
    settings=TranslationTask,
    rows=ROWS,
    checks=CHECKS,
    errors=WrittenErrors(),
    inputs=TEXT,
    neutral=TEXTS,
    recorder=RECORDER,
    words=WORDS,
    cells=WrittenCells(),
    section="translation",
)
