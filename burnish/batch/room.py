"""Room: what an output's format can hold."""

from __future__ import annotations

from pathlib import Path

from burnish.batch.layout import Layout
from burnish.batch.sinks import Sink
from burnish.batch.survey import Survey
from burnish.errors import UsageError
from burnish.plural import plural

__all__ = ["check_room"]


def check_room(output: Path, sink: Sink, found: Survey, layout: Layout) -> None:
    """Before anything is answered, see that the output's format can hold the rows.

    Raises:
        UsageError: it cannot; names the limit.
    """
    hint = "write .csv, .jsonl or .parquet"
    ending, columns = output.suffix, len(layout.columns)
    if sink.most_rows is not None and found.rows > sink.most_rows:
        count = plural(found.rows, "the input has # [row|rows]")
        raise UsageError(f"{output}: {count}, and {ending} holds {sink.most_rows:,}", hint)
    if sink.most_columns is not None and columns > sink.most_columns:
        raise UsageError(
            f"{output}: it would have {columns:,} columns, and {ending} holds "
            f"{sink.most_columns:,}",
            hint,
        )
    for name, (units, number) in found.longest.items():
        if sink.most_units is not None and units > sink.most_units:
            raise UsageError(
                f"{output}: row {number:,} has {units:,} characters in {name!r}, and a cell of "
                f"{ending} holds {sink.most_units:,}",
                hint,
            )
