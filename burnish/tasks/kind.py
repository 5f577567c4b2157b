"""The kind of a task: what burnish knows about it before a model or a row is read.

Each task has one, in its ``kind.py``. The core uses it instead of comparing the task's name.
Training, export and the service have tables of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from burnish.tasks.base import TaskSettings
from burnish.tasks.cells import PLAIN_CELLS, AnswerCells
from burnish.tasks.checks import TaskChecks
from burnish.tasks.errors import ErrorReader
from burnish.tasks.inputs import InputForm
from burnish.tasks.neutral import NeutralInputs
from burnish.tasks.rows import TaskRows
from burnish.tasks.words import TaskWords

if TYPE_CHECKING:
    from burnish.self_test.recorder import Recorder

__all__ = ["TaskKind"]


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """Everything that the core needs to know about a task."""

    settings: type[TaskSettings[Any, Any, Any]]
    rows: TaskRows
    """How its rows are written."""
    checks: TaskChecks
    """What its rows need, and what is wrong with them."""
    errors: ErrorReader[Any, Any]
    """How its wrong answers are read."""
    inputs: InputForm[Any]
    """What a caller sends."""
    neutral: NeutralInputs
    """What the self-test and the bench ask."""
    recorder: Recorder[Any, Any, Any]
    """How the self-test's answers are recorded and compared."""
    words: TaskWords
    """How burnish describes it to people."""
    cells: AnswerCells[Any, Any] = PLAIN_CELLS
    """Its answers as a row of a table holds them."""
    section: str = ""
    """The key of a recipe's section that this task alone reads: its settings, by name."""
