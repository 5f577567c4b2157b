"""The kind of a task: what burnish asks of it before a model, or a row, is read.

Each task has one, in its ``kind.py``. It says what the rest of the core would otherwise ask by
the task's name; what training, export and the service ask lies in a table of each room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from burnish.tasks.base import TaskSettings
from burnish.tasks.checks import TaskChecks
from burnish.tasks.examples import Example

if TYPE_CHECKING:
    from burnish.data.columns import Columns
    from burnish.data.records import Record, Skip

__all__ = ["Builder", "TaskKind"]


class Builder(Protocol):
    """Makes examples of records; ``multi_label`` is known once a record was built."""

    multi_label: bool
    has_spans: bool
    """Its examples hold offsets."""

    def build(self, record: Record) -> Example | Skip:
        """The record's example, or why it has none. Raises DataError where it is wrong."""


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """What is known of a task by its name alone."""

    settings: type[TaskSettings[Any, Any, Any]]
    builder: Callable[[Columns], Builder]
    """Makes what builds an example of each record."""
    checks: TaskChecks
    """What its rows need, and what is wrong with them."""
