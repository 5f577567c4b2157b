"""Notes: a source's texts with a model's answers as marks, for a labelling tool to correct."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from burnish.batch.answering import answers
from burnish.batch.fields import Asked
from burnish.batch.source import Source
from burnish.data.writers import NotedRow
from burnish.errors import InputError
from burnish.tasks.table import find_task

if TYPE_CHECKING:
    from burnish.runtime import Model

__all__ = ["Noting"]

_SHOWN = 5
"""Rows that are named where some have no answer."""


@dataclass(slots=True)
class Noting:
    """Rows that are answered as they are read, in constant memory."""

    model: Model
    source: Source
    failed: int = 0
    """How many rows have no answer and are left out."""
    first_failed: list[tuple[int, str]] = field(default_factory=list)
    """The first of them: number of the row, from 1, and why."""

    def rows(self) -> Iterator[NotedRow]:
        """The rows with an answer, in order."""
        form = find_task(self.model.task).inputs
        asked: deque[tuple[int, Asked]] = deque()

        def watched() -> Iterator[Asked]:
            for number, row in enumerate(self.source.rows(), start=1):
                asked.append((number, row.asked))
                yield row.asked

        for answer in answers(self.model, watched()):
            number, given = asked.popleft()
            if isinstance(answer, InputError):
                self.failed += 1
                if len(self.first_failed) < _SHOWN:
                    self.first_failed.append((number, answer.message))
                continue
            (text,) = form.texts(given)
            yield NotedRow(id=f"{self.source.path.name}:{number}", text=text, marks=answer.marks)
