"""Fields: where a row has its text, and how it becomes an input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from burnish.errors import InputError
from burnish.tasks import Input
from burnish.tasks.inputs import InputForm
from burnish.tasks.table import find_task

__all__ = ["Asked", "Fields"]

Asked = Input | InputError
"""An input, or why there is none; errors keep their place so that answers keep their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The task, and where a row has its text: how a row becomes an input."""

    task: str
    text: str = "text"
    """The column or field of the text."""
    sheet: str | None = None
    """Of a workbook, where several have rows."""
    keep: bool = False
    """The rows go into another file: cells of a workbook keep their values."""

    @property
    def form(self) -> InputForm[Any]:
        """What the task's inputs are made of."""
        return find_task(self.task).inputs

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a table must have."""
        return tuple(self.text if name == "text" else name for name in self.form.fields)

    @property
    def column_hint(self) -> str:
        """How to fix a table that has other columns."""
        return "rename the column" + (", or use --text NAME" if "text" in self.form.fields else "")

    def input(self, row: object) -> Input:
        """The input of a row of JSON or CSV.

        Raises:
            InputError: the row has not what the task needs.
        """
        given: Input = self.form.of_row(row, self.columns)
        return given

    def asked(self, row: object) -> Asked:
        """The input of a row, or why it has none."""
        try:
            return self.input(row)
        except InputError as error:
            return error
