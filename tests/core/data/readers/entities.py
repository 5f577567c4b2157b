"""What a reader found, for the tests of the readers of annotated documents."""

from __future__ import annotations

from pathlib import Path

from burnish.data import Columns, ExtractionExample, read_rows

__all__ = ["ASTRAL", "found"]

ASTRAL = "👩\u200d🔬 Zoe\u0301 met Łódź\r\nBank in 東京."
"""An emoji of two astral characters, a combining mark and a CRLF before the names."""


def found(path: Path, columns: Columns | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Text of each row, and the words and labels of its entities."""
    rows = read_rows(path, "extraction", columns=columns or Columns())
    return [
        (each.text, [(each.text[s.start : s.end], s.label) for s in each.entities])
        for each in rows.examples
        if isinstance(each, ExtractionExample)
    ]
