"""Faults: rows that cannot be read, found one by one instead of at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from burnish.data.checks.finding import KINDS, Finding, Kind, Place, Severity
from burnish.data.columns import Columns
from burnish.data.reading import read_rows
from burnish.data.rows import Rows
from burnish.errors import DataError

__all__ = ["find_skipped", "read_with_faults"]

_NATIVE = Columns()
_MESSAGES: Mapping[str, str] = {
    "unreadable": "rows cannot be read; behind a broken line or cell nothing of the file was read",
    "no-label": "rows or entities have no label",
    "printed-label": "rows have a list, printed as text, for a label",
    "span-outside-text": "rows have an entity that does not lie in the text",
    "entity-text-mismatch": "rows have an entity that is not what stands at its offsets",
    "overlapping-entities": "rows have entities that overlap, or lie in one another",
    "answer-not-at-offset": "questions have an answer that does not stand at its offset",
}
_MENDS: Mapping[str, str] = {
    "unreadable": "mend each as its line says",
    "no-label": "give each a label, or remove it; where what stands there is a class, say "
    "data.no_label: ''",
    "printed-label": "write the labels themselves (--fix does)",
    "span-outside-text": "offsets count Unicode code points from 0, end exclusive",
    "entity-text-mismatch": "correct start and end (--fix does where the text stands there once)",
    "overlapping-entities": "keep one of them: entities may touch, but not overlap",
    "answer-not-at-offset": "correct start (--fix does where the answer stands there once)",
}
_EXACT: tuple[Kind, ...] = ("unreadable", "no-label", "printed-label")
"""Kinds whose errors hold no text of the row but its label."""
_Skipped = tuple[Kind, Severity, str, str]

_INCOMPLETE: _Skipped = ("empty-text", "warning", "rows with nothing to read", "complete them")
_EMPTY: _Skipped = ("blank-line", "note", "blank lines or empty rows", "remove them")
_SKIPS: Mapping[str, _Skipped] = {
    "blank line": _EMPTY,
    "empty row": _EMPTY,
    "empty text": _INCOMPLETE,
    "empty context": _INCOMPLETE,
    "empty question": _INCOMPLETE,
}


def read_with_faults(
    path: Path, task: str, *, columns: Columns = _NATIVE
) -> tuple[Rows, tuple[Finding, ...]]:
    """Read a file's rows, and what is wrong with those that were left out.

    Raises:
        DataError: not one row could be read.
    """
    errors: list[DataError] = []
    rows = read_rows(path, task, columns=columns, on_error=errors.append)
    places: dict[Kind, list[Place]] = {}
    for error in errors:
        kind: Kind = error.kind if error.kind in KINDS else "unreadable"
        places.setdefault(kind, []).append(_place(error, path, exact=kind in _EXACT))
    return rows, tuple(
        Finding(
            kind=kind,
            severity="error",
            message=f"{len(found)} {_MESSAGES[kind]}",
            mend=_MENDS[kind],
            rows=tuple(found),
        )
        for kind, found in places.items()
    )


def find_skipped(rows: Rows) -> Iterator[Finding]:
    """Rows that reading leaves out without an error."""
    for file in rows.files:
        for reason, ids in file.skipped_at.items():
            other: _Skipped = ("left-out", "note", "rows", "see docs/data.md")
            kind, severity, message, mend = _SKIPS.get(reason, other)
            yield Finding(
                kind=kind,
                severity=severity,
                message=f"{len(ids)} {message} are left out: {reason}",
                mend=mend,
                rows=tuple(Place(file=str(file.path), line=_line(each), id=each) for each in ids),
            )


def _place(error: DataError, path: Path, *, exact: bool) -> Place:
    row = error.row or f"{path.name}:{error.line or 1}"
    # The other kinds' messages quote the text.
    detail = error.message.partition(": ")[2] if exact else ""
    if error.kind == "no-label" and not detail.endswith("is no label"):
        detail = ""  # the finding says so already
    return Place(file=str(path), line=error.line or _line(row), id=row, detail=detail)


def _line(row: str) -> int | None:
    position = row.rpartition(":")[2]
    return int(position) if position.isdecimal() else None
