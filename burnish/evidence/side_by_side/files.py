"""Files of compared rows: a page for reading, or a table; readable by their owner alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from burnish.batch.destination import Destination
from burnish.batch.layout import Layout
from burnish.batch.room import check_room
from burnish.batch.rows import AnsweredRow, Row
from burnish.batch.sinks import SINKS, Table
from burnish.batch.survey import survey
from burnish.evidence.side_by_side.comparison import Compared

__all__ = ["ENDINGS", "compared_destination", "write_compared", "write_private"]

_PAGE = "burnish.evidence.side_by_side.page:PageSink"
ENDINGS = (*SINKS, ".html")
"""What the file's name may end with."""
_PRIVATE = 0o600


def compared_destination(
    output: Path, *, source: Path, replacing: bool, page: str = _PAGE
) -> Destination:
    """Where the rows go, checked before anything is answered.

    Args:
        output: the file.
        source: the labelled rows.
        replacing: whether an older file may be replaced.
        page: what writes a page, ``module:class``.

    Raises:
        UsageError: it may not be written; the hint says what to do.
        MissingExtraError: its format needs a library that is not installed.
    """
    checked = Destination.checked(
        output, source=source, resume=False, replace=replacing, sinks={**SINKS, ".html": page}
    )
    return replace(checked, mode=_PRIVATE)


def write_compared(destination: Destination, rows: Sequence[Compared]) -> None:
    """Write the rows.

    Raises:
        UsageError: the format cannot hold them.
        BurnishError: the disk is full.
    """
    write_private(
        destination, [each.fields() for each in rows], [{"marks": each.marks} for each in rows]
    )


def write_private(
    destination: Destination,
    own: Sequence[dict[str, object]],
    shown: Sequence[dict[str, object]],
) -> None:
    """Write rows of a table that holds texts.

    Args:
        destination: made by `compared_destination`.
        own: the rows by column.
        shown: what a page needs of each row besides.

    Raises:
        UsageError: the format cannot hold them.
        BurnishError: the disk is full.
    """
    found = survey(Row(fields, "") for fields in own)
    layout = Layout(own=found.columns, answers={}, error=None)
    check_room(destination.path, destination.sink, found, layout)
    answered = (AnsweredRow(*each, None) for each in zip(own, shown, strict=True))
    with destination.writing() as path:
        table = Table(layout=layout, rows=answered, sample={}, kinds=found.kinds)
        destination.sink.write(path, table)
