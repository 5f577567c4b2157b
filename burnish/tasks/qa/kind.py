"""Question answering: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.tasks.kind import TaskKind
from burnish.tasks.qa.cells import PassageCells
from burnish.tasks.qa.checks import CHECKS
from burnish.tasks.qa.errors import AnswerErrors
from burnish.tasks.qa.inputs import INPUTS
from burnish.tasks.qa.neutral import NEUTRAL
from burnish.tasks.qa.rows import ROWS
from burnish.tasks.qa.self_test import RECORDER
from burnish.tasks.qa.settings import QATask
from burnish.tasks.qa.words import WORDS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=QATask,
    rows=ROWS,
    checks=CHECKS,
    errors=AnswerErrors(),
    inputs=INPUTS,
    neutral=NEUTRAL,
    recorder=RECORDER,
    words=WORDS,
    cells=PassageCells(),
    section="qa",
)
