"""The rows of a task: what they hold, and how one becomes an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from burnish.tasks.examples import Example
from burnish.tasks.shapes import Shape

if TYPE_CHECKING:
    from burnish.data.columns import Columns
    from burnish.data.records import Record, Skip
    from burnish.data.row_fixes import RowEdit
    from burnish.data.shifts import SpanForm

__all__ = ["Builder", "TaskRows"]


class Builder(Protocol):
    """Makes examples of the records of one file."""

    @property
    def multi_label(self) -> bool:
        """Whether a row has any number of labels; known once a record was built."""

    def build(self, record: Record) -> Example | Skip:
        """The record's example, or why it has none. Raises DataError where it is wrong."""


def _no_settings(columns: Columns) -> Mapping[str, Any]:
    del columns
    return {}


@dataclass(frozen=True, kw_only=True)
class TaskRows:
    """How the rows of a task are written, read and fixed."""

    shape: Shape
    """Every format that holds it is read for the task."""
    texts: Callable[[Columns], tuple[str, ...]]
    """The columns that a model reads. Among tasks of one shape they tell whose a file is."""
    builder: Callable[[Columns], Builder]
    """Makes what builds an example of each record of a file."""
    fix: Callable[[RowEdit], None]
    """Makes every certain fix of a row (burnish/data/row_fixes.py)."""
    settings: Callable[[Columns], Mapping[str, Any]] = _no_settings
    """The task's settings that a file says which the columns name, such as a taxonomy."""
    spans: Callable[[Columns], SpanForm] | None = None
    """How the offsets in a row are written; None where it has none."""
