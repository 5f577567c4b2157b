"""Scores: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.tasks.inputs import TEXT
from burnish.tasks.kind import TaskKind
from burnish.tasks.neutral import TEXTS
from burnish.tasks.regression.checks import CHECKS
from burnish.tasks.regression.errors import ScoreErrors
from burnish.tasks.regression.rows import ROWS
from burnish.tasks.regression.self_test import RECORDER
from burnish.tasks.regression.settings import RegressionTask
from burnish.tasks.regression.words import WORDS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=RegressionTask,
    rows=ROWS,
    checks=CHECKS,
    errors=ScoreErrors(),
    inputs=TEXT,
    neutral=TEXTS,
    recorder=RECORDER,
    words=WORDS,
    section="regression",
)
