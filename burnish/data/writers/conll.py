"""CoNLL: a token and its IOB2 tag per line, an empty line between rows, as in CoNLL-2002.

Tokens keep no white space: of the text the words are kept, and read again they are joined by one
space each. There are no scores.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from burnish.data.writers.files import staged_text
from burnish.data.writers.rows import (
    NotedRow,
    Project,
    checked_rows,
    refuse_mark,
    refuse_overlaps,
    refuse_zero,
    refused,
)
from burnish.data.writers.words import Word, cut_words

__all__ = ["write_conll"]


def write_conll(rows: Iterable[NotedRow], path: Path, *, project: Project) -> int:
    """Write a block of lines per row, and return how many rows there are."""
    count = 0
    with staged_text(path) as stream:
        for row in checked_rows(rows, project):
            refuse_overlaps(row, "CoNLL")
            refuse_mark(row, "CoNLL")
            refuse_zero(row, "CoNLL")
            lines = [
                f"{row.text[word.start : word.end]} {_tag(row, word)}\n" for word in cut_words(row)
            ]
            stream.write("".join(["\n" if count else "", *lines]))
            count += 1
    return count


def _tag(row: NotedRow, word: Word) -> str:
    span = next((s for s in row.marks.spans if s.start <= word.start and word.end <= s.end), None)
    if span is None:
        return "O"
    if any(map(str.isspace, span.label)):
        raise refused(
            row,
            f"the label {span.label!r} has white space, which separates columns in CoNLL",
            "rename it, or choose another form",
        )
    return f"{'B' if word.start == span.start else 'I'}-{span.label}"
