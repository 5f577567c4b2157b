"""Faults: rows that cannot be read, found one by one instead of at the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from burnish.data.checks.finding import KINDS, Finding, Kind, Place, Severity
from burnish.data.columns import Columns
from burnish.data.reading import read_rows
from burnish.data.records import row_number
from burnish.data.rows import Rows, SourceFile
from burnish.errors import DataError
from burnish.plural import plural
from burnish.tasks.table import find_task

__all__ = ["find_skipped", "read_with_faults"]

_NATIVE = Columns()
_MESSAGES: Mapping[str, tuple[str, str]] = {
    "unreadable": ("row cannot be read", "rows cannot be read"),
    "printed-label": (
        "row has a list, printed as text, for a label",
        "rows have a list, printed as text, for a label",
    ),
    "span-outside-text": (
        "row has an entity outside the text",
        "rows have an entity outside the text",
    ),
    "entity-text-mismatch": (
        "row has an entity that is not the text at its offsets",
        "rows have an entity that is not the text at its offsets",
    ),
    "overlapping-entities": (
        "row has entities that overlap or contain one another",
        "rows have entities that overlap or contain one another",
    ),
    "answer-not-at-offset": (
        "question has an answer that is not the text at its offset",
        "questions have an answer that is not the text at their offset",
    ),
}
"""Singular and plural."""
_FIXES: Mapping[str, str] = {
    "no-label": "label them, or leave the rows out (data.unlabelled: leave_out); --fix "
    "writes them to a file of their own, for burnish suggest. Where what is written there is a "
    "class, set data.no_label: ''",
    "printed-label": "write the labels themselves (--fix does)",
    "span-outside-text": "offsets count Unicode code points from 0, end exclusive",
    "entity-text-mismatch": "correct start and end (--fix does where the text occurs once)",
    "overlapping-entities": "keep one of them: entities may touch, but not overlap",
    "answer-not-at-offset": "correct start (--fix does where the answer occurs once)",
}
_EXACT: tuple[Kind, ...] = ("unreadable", "no-label", "printed-label")
"""Kinds whose errors hold no text of the row but its label."""
_Skipped = tuple[Kind, Severity, str, str]

_INCOMPLETE: _Skipped = (
    "empty-text",
    "warning",
    "# [row|rows] with nothing to read [is|are] left out",
    "complete them",
)
_EMPTY: _Skipped = (
    "blank-line",
    "note",
    "# blank [line|lines] or empty [row is|rows are] left out",
    "remove them",
)
_OTHER: _Skipped = (
    "left-out",
    "note",
    "# [row is|rows are] left out",
    "see docs/reference/data.md",
)
_SKIPS: Mapping[str, _Skipped] = {
    "blank line": _EMPTY,
    "empty row": _EMPTY,
    "no label": ("no-label", "note", _OTHER[2], "label them: burnish suggest picks which first"),
}


def read_with_faults(
    path: Path, task: str, *, columns: Columns = _NATIVE
) -> tuple[Rows, tuple[Finding, ...]]:
    """Read a file's rows, perhaps none, and what is wrong with those that were left out.

    Raises:
        DataError: the file as a whole cannot be read.
    """
    errors: list[DataError] = []
    rows = read_rows(path, task, columns=columns, on_error=errors.append)
    groups: dict[tuple[Kind, str], list[DataError]] = {}
    for error in errors:
        kind: Kind = error.kind if error.kind in KINDS else "unreadable"
        groups.setdefault((kind, _FIXES.get(kind, error.hint)), []).append(error)
    return rows, tuple(_fault(path, *key, errors=found, task=task) for key, found in groups.items())


def find_skipped(rows: Rows) -> Iterator[Finding]:
    """What reading leaves out without an error: rows, and columns of tokens."""
    for file in rows.files:
        for note in file.notes:
            yield Finding(
                kind="unused-columns",
                severity="note",
                message=f"{file.path.name}: {note}",
                fix="nothing to do; in a file of tokens, data.word_column and data.tag_column "
                "name other columns, and data.entities another layer of a document",
            )
        for reason, ids in file.skipped_at.items():
            otherwise = _INCOMPLETE if reason.startswith("empty ") else _OTHER
            kind, severity, message, fix = _SKIPS.get(reason, otherwise)
            yield Finding(
                kind=kind,
                severity=severity,
                message=f"{plural(len(ids), message)}: {reason}",
                fix=fix,
                rows=tuple(_left_out(file, each) for each in ids),
            )


def _fault(path: Path, kind: Kind, fix: str, *, errors: Sequence[DataError], task: str) -> Finding:
    if kind not in (*_MESSAGES, "no-label") or errors[0].kind == "unreadable-file":
        places = tuple(_place(error, path, exact=False) for error in errors)
        return Finding(kind=kind, severity="error", message=errors[0].reason, fix=fix, rows=places)
    checks = find_task(task).checks
    labels = checks.labels
    forms = checks.unanswered if kind == "no-label" else _MESSAGES[kind]
    if kind == "no-label" and labels and not labels.of_texts:
        forms = f"row has {labels.one} without a label", f"rows have {labels.one} without a label"
    message = f"{len(errors)} {forms[len(errors) > 1]}"
    reasons = {error.reason for error in errors}
    one = kind == "unreadable" and len(reasons) == 1
    exact = kind == "unreadable" and not one  # the other kinds' messages quote the text
    return Finding(
        kind=kind,
        severity="error",
        message=f"{message}: {reasons.pop()}" if one else message,
        fix=fix,
        rows=tuple(_place(error, path, exact=exact) for error in errors),
    )


def _place(error: DataError, path: Path, *, exact: bool) -> Place:
    row = error.row or f"{path.name}:{error.line or 1}"
    position = row.removeprefix(f"{path.name}:")  # the id says it
    place = error.place.removesuffix(f", {position}") if error.place != position else ""
    place = "" if place.endswith(f" {_line(row)}") else place
    line = error.line or row_number(error.place) or _line(row)
    if error.kind == "no-label" and error.reason.endswith("means no label"):
        exact = True  # such a value is not text of a row
    details = filter(None, (place, error.reason if exact else ""))
    return Place(file=str(path), line=line, id=row, detail=": ".join(details))


def _left_out(file: SourceFile, row: str) -> Place:
    return Place(file=str(file.path), line=file.lines.get(row) or _line(row), id=row)


def _line(row: str) -> int | None:
    position = row.rpartition(":")[2]
    return int(position) if position.isdecimal() else None
