"""Paths in the texts' column: the names of documents, where their texts were meant."""

from __future__ import annotations

from collections.abc import Iterator

from burnish.data.checks.finding import Finding
from burnish.data.checks.subject import place_of
from burnish.data.paths import PATHS_HINT, are_paths, path_rows, paths_message
from burnish.data.rows import Rows

__all__ = ["find_paths"]


def find_paths(rows: Rows) -> Iterator[Finding]:
    """File names and URLs that are a whole text: an error where they are half of the rows."""
    found = path_rows(rows.examples)
    if found:
        yield Finding(
            kind="paths-as-texts",
            severity="error" if are_paths(len(found), len(rows)) else "note",
            message=paths_message(len(found), len(rows)),
            fix=PATHS_HINT,
            rows=tuple(place_of(rows, example) for example in found),
        )
