"""Formulas: cells that a spreadsheet would compute instead of show."""

from __future__ import annotations

__all__ = ["escape_formula"]

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def escape_formula(cell: object) -> object:
    """The cell with an apostrophe before a text that a spreadsheet would take for a formula.

    As https://owasp.org/www-community/attacks/CSV_Injection says. Numbers stay numbers.
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_STARTS) else cell
