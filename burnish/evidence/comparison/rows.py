"""The rows that models answer otherwise, with their texts: a page for reading, or a table.

Unlike the comparison's figures these hold texts, so they are written only where asked for, mode
0600.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from burnish.batch.destination import Destination
from burnish.evidence.comparison.models import Comparison
from burnish.evidence.comparison.page import ComparisonPage
from burnish.evidence.side_by_side import (
    ENDINGS,
    Compared,
    compare_row,
    compared_destination,
    write_private,
)

__all__ = ["ENDINGS", "differing_destination", "write_differing"]

_PAGE = f"{ComparisonPage.__module__}:{ComparisonPage.__name__}"


def differing_destination(output: Path, *, source: Path, replacing: bool) -> Destination:
    """Where the rows go, checked before anything is answered; raises as `compared_destination`."""
    return compared_destination(output, source=source, replacing=replacing, page=_PAGE)


def write_differing(destination: Destination, comparison: Comparison) -> None:
    """Write the rows; a page has the comparison's figures too.

    Raises:
        UsageError: the format cannot hold them.
        BurnishError: the disk is full.
    """
    sink = destination.sink
    if isinstance(sink, ComparisonPage):
        sink.comparison = comparison
    rows = [list(_answers(comparison, place)) for place in comparison.differing]
    names = [each.name for each in comparison.contestants]
    write_private(
        destination, [_fields(names, row) for row in rows], [{"answers": row} for row in rows]
    )


def _answers(comparison: Comparison, place: int) -> Iterator[Compared]:
    """Each model's answer to a row."""
    example = comparison.examples[place]
    for each in comparison.contestants:
        prediction = each.predictions[place]
        right = each.task.correct(example, prediction)
        yield compare_row(each.task, example, prediction, right=right)


def _fields(names: list[str], row: list[Compared]) -> dict[str, object]:
    first = row[0]
    fields: dict[str, object] = {"row": first.row, **dict(first.texts), "gold": first.sides.gold}
    for name, each in zip(names, row, strict=True):
        fields[f"{name}: answer"] = each.sides.predicted
        fields[f"{name}: right"] = each.right
        fields[f"{name}: score"] = round(each.score, 4)
    return fields
