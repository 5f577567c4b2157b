"""The kinds of the tasks whose answers are written, as far as they need no model."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import cast

import pytest

from burnish.tasks import table
from burnish.tasks.abstract import checks as of_abstracts
from burnish.tasks.checks import TaskChecks
from burnish.tasks.summary.kind import KIND
from burnish.tasks.written.cells import WrittenCells
from burnish.tasks.written.errors import WrittenErrors
from burnish.tasks.written.rows import ROWS

__all__ = ["ABSTRACT", "TRANSLATION", "with_written_tasks"]

TRANSLATION, ABSTRACT = "translation", "an_abstract"
"""A task, and a name that none has."""
_CHECKS: dict[str, TaskChecks] = {ABSTRACT: of_abstracts.CHECKS}


@contextmanager
def with_written_tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put that name into the table of tasks, with the settings of another one."""
    for name, checks in _CHECKS.items():
        module = ModuleType(f"{name}_kind")
        vars(module)["KIND"] = replace(
            KIND, rows=ROWS, checks=checks, errors=WrittenErrors(), cells=WrittenCells()
        )
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(cast(dict[str, str], table.TASKS), name, module.__name__)
    yield
    table.find_task.cache_clear()
