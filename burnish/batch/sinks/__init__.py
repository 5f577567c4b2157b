"""Sinks: how an output is written, by its ending. A new one is its own file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from burnish.batch.sinks.sink import Sink, Table
from burnish.errors import UsageError

__all__ = ["SINKS", "Sink", "Table", "find_sink"]

SINKS: Mapping[str, str] = {
    ".csv": "burnish.batch.sinks.delimited:CsvSink",
    ".tsv": "burnish.batch.sinks.delimited:TsvSink",
    ".xlsx": "burnish.batch.sinks.workbook:WorkbookSink",
    ".jsonl": "burnish.batch.sinks.lines:LinesSink",
    ".parquet": "burnish.batch.sinks.parquet:ParquetSink",
}
"""Module and class of each, by the output's ending; only the one that is used is imported."""


def find_sink(output: Path, sinks: Mapping[str, str] = SINKS) -> Sink:
    """The sink that a file's ending names.

    Args:
        output: the file.
        sinks: as :data:`SINKS`.

    Raises:
        UsageError: it names none.
        MissingExtraError: its library is not installed.
    """
    place = sinks.get(output.suffix.lower())
    if place is None:
        raise UsageError(
            f"{output}: the format cannot be told from the output's ending",
            f"name it {', '.join(sinks)}",
        )
    module, _, name = place.partition(":")
    sink = cast("type[Sink]", getattr(import_module(module), name))()
    sink.check_library()
    return sink
