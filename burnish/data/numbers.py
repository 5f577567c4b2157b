"""Numbers as people and their tools write them, and why a cell is none."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from burnish.data.columns import Columns
from burnish.data.fields import is_blank, type_name, unlabelled_error
from burnish.data.records import Record, UnlabelledError, missing_column

__all__ = ["read_score"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([., '\u00a0\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_MINUS = str.maketrans({"\u2212": "-"})
"""A typographer's minus."""
_LARGEST = 1e15
"""Sums of squares of larger scores lose digits."""


def read_score(record: Record, columns: Columns) -> float:
    """The number in the column of the scores.

    Raises:
        DataError: there is no such column, or its value is not a finite number.
        UnlabelledError: it is empty, or one of ``columns.no_label``.
    """
    column = columns.score
    if column not in record.fields:
        message, hint = missing_column(column, record.fields, recipe_key="score")
        raise record.error(message, hint, of=UnlabelledError)
    value = record.fields[column]
    if is_blank(value) or (isinstance(value, float | Decimal) and value != value):
        raise unlabelled_error(record, what="a score")
    if isinstance(value, str):
        if value.strip() in columns.no_label:
            raise unlabelled_error(record, value.strip(), what="a score")
        return _finite(record, column, _parsed(record, value.strip(), columns))
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        hint = "write a number, such as 3.5"
        raise record.error(f"the score {column!r} is {type_name(value)}, not a number", hint)
    return _finite(record, column, value)


def _parsed(record: Record, text: str, columns: Columns) -> float:
    """The number of a string; what could be read in two ways is refused."""
    plain = text.translate(_MINUS)
    with_comma = columns.decimal == ","
    if with_comma and "." not in plain:
        plain = plain.replace(",", ".")
    elif with_comma:
        raise record.error(
            f"the score {text!r} has a point, and data.decimal is a comma", "write 3,5"
        )
    if _NUMBER.fullmatch(plain):
        return float(plain)
    raise record.error(f"the score {text!r} is not a number", _hint(plain))


def _hint(text: str) -> str:
    if _GROUPED.fullmatch(text):
        return (
            "write it without marks between thousands: 1234.5; if its comma is the decimal one, "
            "set data.decimal: ','"
        )
    if _COMMA.fullmatch(text):
        return (
            f"write {text.replace(',', '.')}; if the whole file has decimal commas, set "
            "data.decimal: ','"
        )
    if _NUMBER.match(text):
        return "write the number alone, without a unit"
    return "write a number, such as 3.5; words are labels, which classification learns"


def _finite(record: Record, column: str, value: float | Decimal) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise record.error(f"the score {column!r} is infinite", "write a finite number")
    if abs(number) > _LARGEST:
        raise record.error(f"the score {number:g} is too large", "give the scores in a larger unit")
    return number
