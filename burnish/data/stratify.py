"""Stratification: units of rows are dealt to parts so that every class keeps its share.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011), rarest class first, over units
(rows that stay together), with two changes: every class is in the first part before it is in
another, and what is too little for a whole row goes to the part that lags furthest behind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Unit", "deal_units"]

_EPSILON = 1e-9
_NO_CLASS = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that stay together."""

    rows: tuple[int, ...]
    """Their indices."""
    classes: Counter[str]
    """How many of them have each class."""
    order: str
    """What units are ordered by: a seeded digest, so that the order is the same on any machine."""


def deal_units(units: Sequence[Unit], shares: Sequence[float]) -> list[list[Unit]]:
    """One list of units a part; the shares of all rows sum to 1, and the first part is train."""
    strata = _rarest_first(units)
    total = sum(len(unit.rows) for unit in units)
    targets = [share * total for share in shares]
    wanted = {name: [share * count for share in shares] for name, count in strata.items()}
    room = list(targets)
    parts: list[list[Unit]] = [[] for _ in shares]
    trained: set[str] = set()
    for name, unit in _in_order(units, strata):
        part = 0
        if trained.issuperset(unit.classes):
            part = _choose(wanted[name], _strata(unit)[name], room, len(unit.rows), targets)
        parts[part].append(unit)
        room[part] -= len(unit.rows)
        for each, count in _strata(unit).items():
            wanted[each][part] -= count
        if part == 0:
            trained.update(unit.classes)
    return parts


def _strata(unit: Unit) -> Counter[str]:
    return unit.classes or Counter({_NO_CLASS: len(unit.rows)})


def _rarest_first(units: Sequence[Unit]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for unit in units:
        counts.update(_strata(unit))
    return dict(sorted(counts.items(), key=lambda item: (item[1], item[0])))


def _in_order(units: Sequence[Unit], strata: dict[str, int]) -> list[tuple[str, Unit]]:
    """Units under their rarest class; the rarest class first, within it the largest unit first."""
    rank = {name: index for index, name in enumerate(strata)}
    named = [(min(_strata(unit), key=rank.__getitem__), unit) for unit in units]
    named.sort(key=lambda item: (rank[item[0]], -len(item[1].rows), item[1].order))
    return named


def _choose(
    wanted: Sequence[float], count: int, room: Sequence[float], size: int, targets: Sequence[float]
) -> int:
    parts = range(len(room))
    roomy = [part for part in parts if room[part] >= size - _EPSILON]
    lacking = [part for part in roomy if wanted[part] >= count - _EPSILON]
    if lacking:
        return max(lacking, key=wanted.__getitem__)
    if roomy:
        return max(roomy, key=lambda part: room[part] / targets[part])
    return max(parts, key=room.__getitem__)
