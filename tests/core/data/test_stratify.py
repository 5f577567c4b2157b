"""Units are dealt so that every class keeps its share, the rarest class first."""

from __future__ import annotations

from collections import Counter

import pytest

from burnish.data.stratify import Unit, deal_units


def unit(number: int, *classes: str, size: int = 1, order: str = "") -> Unit:
    rows = tuple(range(100 * number, 100 * number + size))
    counts = Counter(dict.fromkeys(classes, size))
    return Unit(rows=rows, classes=counts, order=order or f"{number:04}")


def sizes(parts: list[list[Unit]]) -> list[int]:
    return [sum(len(each.rows) for each in part) for part in parts]


def numbers(part: list[Unit]) -> list[int]:
    return sorted(each.rows[0] // 100 for each in part)


def test_each_class_is_dealt_by_its_share() -> None:
    units = [unit(n, "a") for n in range(20)] + [unit(n, "b") for n in range(20, 30)]
    parts = deal_units(units, [0.7, 0.2, 0.1])
    counts = [Counter(name for each in part for name in each.classes) for part in parts]
    assert counts == [{"a": 14, "b": 7}, {"a": 4, "b": 2}, {"a": 2, "b": 1}]


def test_units_without_a_class_are_dealt_by_their_share_too() -> None:
    units = [unit(n, "a") for n in range(10)] + [unit(n) for n in range(10, 40)]
    parts = deal_units(units, [0.8, 0.2])
    assert [sum(not each.classes for each in part) for part in parts] == [24, 6]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_every_class_is_in_the_first_part_before_it_is_in_another(share: float) -> None:
    units = [unit(0, "a"), unit(1, "b"), unit(2, "c"), unit(3, "a", "b")]
    parts = deal_units(units, [1 - share, share])
    assert {name for each in parts[0] for name in each.classes} >= {
        name for each in parts[1] for name in each.classes
    }
    assert sorted(numbers(parts[0]) + numbers(parts[1])) == [0, 1, 2, 3]


def test_the_order_of_units_of_a_class_is_that_of_their_digests() -> None:
    units = [unit(n, "a", order="dbca"[n]) for n in range(4)]
    parts = deal_units(units, [0.5, 0.5])
    # In the order 3, 1, 2, 0: the first is trained, then each part by what it lacks most.
    assert [numbers(part) for part in parts] == [[2, 3], [0, 1]]
    assert parts == deal_units(units[::-1], [0.5, 0.5])


def test_the_largest_unit_of_a_class_is_dealt_first() -> None:
    units = [unit(0, "a"), unit(1, "a", size=3, order="z"), unit(2, "a")]
    parts = deal_units(units, [0.6, 0.4])
    assert [numbers(part) for part in parts] == [[1], [0, 2]]


def test_a_unit_goes_where_there_is_room_for_it() -> None:
    """The one unit of a fills the first part, so that only the first row of b goes there too."""
    units = [unit(0, "a", size=4), *(unit(n, "b") for n in range(1, 5))]
    parts = deal_units(units, [0.5, 0.5])
    assert [numbers(part) for part in parts] == [[0, 1], [2, 3, 4]]


def test_a_unit_that_no_part_has_room_for_goes_to_the_roomiest() -> None:
    units = [unit(0, "a", size=5), unit(1, "a", size=5)]
    assert [numbers(part) for part in deal_units(units, [0.55, 0.45])] == [[0], [1]]
    large = [unit(0, "a", size=2), unit(1, "a", size=2), unit(2, "a", size=2)]
    assert sizes(deal_units(large, [0.4, 0.3, 0.3])) == [2, 2, 2]


def test_what_is_too_little_for_a_whole_row_goes_to_the_part_that_lags_furthest() -> None:
    """Ten classes of two rows: each part gets whole rows, and the shares of all rows hold."""
    units = [unit(2 * n + i, f"label {n}") for n in range(20) for i in range(2)]
    assert sizes(deal_units(units, [0.8, 0.2])) == [32, 8]
    assert sizes(deal_units(units, [0.7, 0.2, 0.1])) == [28, 8, 4]
    assert sizes(deal_units(units, [0.5, 0.25, 0.25])) == [20, 10, 10]
