"""A cell's text together with the value and the format that it was made of."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

__all__ = ["CellText", "CellValue"]

CellValue = bool | int | float | dt.datetime | dt.date | dt.time | dt.timedelta


class CellText(str):
    """What a person sees of a number, a truth or a date, and what the sheet holds.

    It is a text wherever one is needed. A sink that can hold the value takes :attr:`value`.
    """

    __slots__ = ("number_format", "value")

    value: CellValue
    number_format: str | int
    """The cell's format, or the number of a format that every spreadsheet program has."""

    @classmethod
    def of(cls, cell: Any, text: str) -> str:
        """The text of an openpyxl cell, with its value where that is a number, truth or date."""
        if not isinstance(cell.value, CellValue):
            return text
        return cls._of(text, cell.value, cell.number_format)

    @classmethod
    def _of(cls, text: str, value: CellValue, number_format: str) -> Self:
        from openpyxl.styles.numbers import builtin_format_id

        made = cls(text)
        made.value = value
        number = builtin_format_id(number_format)
        made.number_format = number_format if number is None else int(number)
        return made
