"""Models that answer the same rows, and what an answer costs each of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from burnish.bench.measure import directory_bytes
from burnish.data import Rows
from burnish.errors import UsageError
from burnish.evidence.comparison.models import Contestant
from burnish.tasks import Task
from burnish.tasks.answered import Answered

__all__ = ["check_one_task", "contestant"]


def check_one_task(tasks: Mapping[str, Task]) -> str:
    """The task of models, by their names, before any of them answers.

    Raises:
        UsageError: one is for another task than the first.
    """
    first, task = next((name, task.task) for name, task in tasks.items())
    for name, other in tasks.items():
        if other.task != task:
            raise UsageError(
                f"{name} is for {other.task}, and {first} for {task}", "compare models of one task"
            )
    return task


def contestant(
    name: str,
    task: Task,
    loaded: AbstractContextManager[Callable[[Rows], Answered]],
    rows: Rows,
    *,
    files: Path,
) -> Contestant:
    """Let a model answer all rows.

    Args:
        name: what the comparison calls it.
        task: its own, with its thresholds.
        loaded: the model in memory, for as long as it answers.
        rows: with their true answers.
        files: the directory of what has to be there to answer.
    """
    with loaded as answer:
        begin = time.process_time()
        answered = answer(rows)
        spent_s = time.process_time() - begin
    # A run answers what no model can read last.
    by_row = dict(zip((e.id for e in answered.examples), answered.predictions, strict=True))
    return Contestant(
        name=name,
        task=task,
        predictions=tuple(by_row[example.id] for example in rows.examples),
        cpu_ms=1000 * spent_s / len(rows.examples),
        size_bytes=directory_bytes(files),
    )
