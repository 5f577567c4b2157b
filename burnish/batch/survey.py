"""A survey of a source, before hours go into its answers: how many rows, and which columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from burnish.batch.rows import Row

__all__ = ["Survey", "survey"]

_INT64 = 1 << 63
_EXACT = 1 << 53
"""Up to here a double holds every whole number."""


@dataclass(slots=True)
class Survey:
    """What a source holds."""

    rows: int = 0
    kinds: dict[str, set[str]] = field(default_factory=dict)
    """What is in each column, in the order of their first appearance: ``str``, ``int``, ``wide``
    (a whole number of more than 53 bits), ``float``, ``bool``, ``none``, ``json`` (anything
    else)."""
    longest: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The UTF-16 units of each column's longest text, and the number of its row, from 1."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self.kinds)


def survey(rows: Iterable[Row]) -> Survey:
    """Read all rows once, and keep none of them."""
    found, longest = Survey(), dict[str, tuple[int, int]]()
    for number, row in enumerate(rows, start=1):
        found.rows = number
        for name, value in row.fields.items():
            found.kinds.setdefault(name, set()).add(_kind(value))
            if isinstance(value, str) and len(value) * 2 > longest.get(name, (0, 0))[0]:
                units = len(value.encode("utf-16-le", "surrogatepass")) // 2
                longest[name] = max(longest.get(name, (0, 0)), (units, number))
    found.longest = longest
    return found


def _kind(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int" if abs(value) <= _EXACT else "wide" if -_INT64 <= value < _INT64 else "json"
    if isinstance(value, float):
        return "float"
    return "str" if isinstance(value, str) else "json"
