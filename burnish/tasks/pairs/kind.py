"""Text pairs: everything that the core needs to know about the task."""

from __future__ import annotations

from burnish.data.checks.labelled import LABELLED
from burnish.tasks.kind import TaskKind
from burnish.tasks.labelled.cells import LabelCells
from burnish.tasks.labelled.errors import LabelErrors
from burnish.tasks.labelled.self_test import RECORDER
from burnish.tasks.pairs.inputs import INPUTS
from burnish.tasks.pairs.neutral import NEUTRAL
from burnish.tasks.pairs.rows import ROWS
from burnish.tasks.pairs.settings import PairsTask
from burnish.tasks.pairs.words import WORDS

__all__ = ["KIND"]

KIND = TaskKind(
    settings=PairsTask,
    rows=ROWS,
    checks=LABELLED,
    errors=LabelErrors(),
    inputs=INPUTS,
    neutral=NEUTRAL,
    recorder=RECORDER,
    words=WORDS,
    cells=LabelCells(),
    section="pairs",
)
