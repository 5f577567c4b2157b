"""JSON Lines: an object per row, with lists and numbers as they are."""

from __future__ import annotations

import json
from pathlib import Path

from typing_extensions import override

from burnish.batch.sinks.sink import Sink, Table, plain

__all__ = ["LinesSink"]


class LinesSink(Sink):
    """A row has its own fields, then all of the answer's; those that it lacks are null."""

    @override
    def write(self, path: Path, table: Table) -> None:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            for row in table.rows:
                document = plain({**row.fields, **table.layout.answer_fields(row)})
                stream.write(json.dumps(document, ensure_ascii=False) + "\n")
