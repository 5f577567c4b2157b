"""Summaries: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.tasks.inputs import TEXT
from burnish.tasks.kind import TaskKind
from burnish.tasks.neutral import TEXTS
from burnish.tasks.summary.cells import SummaryCells
from burnish.tasks.summary.checks import CHECKS
from burnish.tasks.summary.errors import SummaryErrors
from burnish.tasks.summary.rows import ROWS
from burnish.tasks.summary.self_test import RECORDER
from burnish.tasks.summary.settings import SummaryTask
from burnish.tasks.summary.words import WORDS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=SummaryTask,
    rows=ROWS,
    checks=CHECKS,
    errors=SummaryErrors(),
    inputs=TEXT,
    neutral=TEXTS,
    recorder=RECORDER,
    words=WORDS,
    cells=SummaryCells(),
    section="summary",
)
