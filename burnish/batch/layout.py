"""The columns of an output: the input's own in their order, then the answer's, then ``error``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from burnish.batch.rows import AnsweredRow

__all__ = ["Layout", "make_layout"]

_ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which columns an output has."""

    own: tuple[str, ...]
    """The input's own columns."""
    answers: Mapping[str, str]
    """The answer's columns: the task's name of each, and its name in the output."""
    error: str | None
    """The column that says why a row has no answer; None for rows that all have one."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in order."""
        return (*self.own, *self.answers.values(), *self._errors)

    @property
    def renamed(self) -> dict[str, str]:
        """The names that the input had taken already, and what the answers' columns are called."""
        named = {**self.answers, **dict(zip((_ERROR,), self._errors, strict=False))}
        return {name: new for name, new in named.items() if name != new}

    def cells(self, row: AnsweredRow) -> list[object]:
        """A row's values, in the order of the columns; None where it has none."""
        own = [row.fields.get(name) for name in self.own]
        return [*own, *self.answer_fields(row).values()]

    def answer_fields(self, row: AnsweredRow) -> dict[str, object]:
        """The answer's columns and the error of a row."""
        answer = row.answer or {}
        cells = {new: answer.get(name) for name, new in self.answers.items()}
        return {**cells, **dict.fromkeys(self._errors, row.error)}

    @property
    def _errors(self) -> tuple[str, ...]:
        return () if self.error is None else (self.error,)


def make_layout(own: Iterable[str], answers: Iterable[str]) -> Layout:
    """Lay out the columns; where the input has one of the answer's names, that is ``predicted_…``.

    Args:
        own: the input's columns.
        answers: the answer's, by the task's names.
    """
    own = tuple(own)
    taken = {name.casefold() for name in own}
    found: dict[str, str] = {}
    for name in (*answers, _ERROR):
        found[name] = _free(name, taken)
        taken.add(found[name].casefold())
    error = found.pop(_ERROR)
    return Layout(own=own, answers=found, error=error)


def _free(name: str, taken: Collection[str]) -> str:
    """As spreadsheets and databases compare names, without regard to case."""
    if name.casefold() not in taken:
        return name
    number, new = 1, f"predicted_{name}"
    while new.casefold() in taken:
        number += 1
        new = f"predicted_{name}_{number}"
    return new
