"""Fixing: a copy of a rows file in which everything with a certain fix is fixed, and nothing else.

Fixed: mojibake, control characters, white space at the ends of texts and entities, offsets of
entities and answers whose text occurs exactly once in the row, entities given twice, spellings of
a label, quotes around it, and lists of labels that were printed as text. Removed: rows without a
text and rows that repeat an earlier one. Rows without a label go to a file of their own.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from burnish.data.checks.spelling import spelling_fixes
from burnish.data.checks.subject import count_labels
from burnish.data.columns import Columns
from burnish.data.content import content_key
from burnish.data.documents import with_documents
from burnish.data.fix_log import Action, FixedFile, Touch
from burnish.data.printed import find_printed
from burnish.data.readers import choose_format
from burnish.data.records import Record, Skip, UnlabelledError
from burnish.data.row_fixes import RowFixer
from burnish.data.row_names import name_rows
from burnish.data.shifts import count_offsets
from burnish.directory import write_synced
from burnish.errors import DataError, UsageError
from burnish.escapes import ESCAPED
from burnish.tasks.examples import Example
from burnish.tasks.rows import Builder
from burnish.tasks.table import find_task

__all__ = ["check_target", "fix_file"]


def fix_file(
    path: Path, task: str, *, columns: Columns, out: Path, settled: Collection[str] = ()
) -> FixedFile:
    """Write a cleaned copy of a rows file, as JSON Lines, and the log beside it.

    Args:
        path: the rows file.
        task: what its rows are for.
        columns: what its columns are called; the copy's are called the same.
        out: the copy, ``….jsonl``; the log is ``….log.jsonl``.
        settled: labels of other files, which the copy's are to agree with.

    Raises:
        UsageError: the copy exists already, or is not named as JSON Lines.
        DataError: the file cannot be read to its end, or the copy would have no row.
    """
    log = check_target(out)
    chosen = choose_format(path, task, columns=columns)
    task_rows = find_task(task).rows
    counting = "characters" if chosen.has_tags else columns.offsets
    read = chosen.read(path, columns, shape=task_rows.shape)
    items = with_documents(name_rows(read, columns, strict=False), columns)
    form = task_rows.spans(columns) if task_rows.spans is not None else None
    counted = count_offsets(items, path, form, offsets=counting)
    if counted.error is not None and counted.shift is None:
        raise counted.error
    records = [item for item in counted.items if isinstance(item, Record)]
    printed = find_printed(records, columns)
    plain = RowFixer(columns, task_rows.fix, labels={}, printed=printed)
    fixed = [plain.fix(record).record for record in records]
    counts = _label_counts(fixed, task_rows.builder(columns))
    fixes = spelling_fixes(counts, settled=settled)
    fixer = RowFixer(columns, task_rows.fix, labels=fixes, printed=printed)
    copy = _Copy(task_rows.builder(columns), fixer)
    name = counted.shift.counting.name if counted.shift else counting or ""
    shift = counted.shift
    for before, item in zip(counted.given, counted.items, strict=True):
        if shift and isinstance(before, Record) and not shift.is_certain(before):
            copy.keep(before, "shifted-offsets")
        elif isinstance(item, Record) and isinstance(before, Record):
            copy.add(item, counting=name if item.fields != before.fields else "")
        elif isinstance(item, Skip):
            copy.skip(item)
        elif isinstance(item, DataError):
            copy.touches.append(_unread(item, path))
    if not copy.lines:
        hint = "correct the rows that the report names, in the file itself"
        if copy.unlabelled:
            hint = (
                "no row has a label: add some labels, or name the column that holds them: --label"
            )
        raise DataError(f"no row can be copied to {out}", hint, file=path)
    done = FixedFile(
        path=out,
        log=log,
        rows=len(copy.lines),
        touches=tuple(copy.touches),
        unlabelled=unlabelled_file(out) if copy.unlabelled else None,
        unlabelled_rows=len(copy.unlabelled),
    )
    if done.unlabelled is not None:
        _write(done.unlabelled, "".join(copy.unlabelled))
    _write(out, "".join(copy.lines))
    _write(log, "".join(done.lines()))
    return done


class _Copy:
    """The rows that are kept."""

    def __init__(self, builder: Builder, fixer: RowFixer) -> None:
        self._builder = builder
        self._fixer = fixer
        self._seen: dict[tuple[str, object], str] = {}
        self.lines: list[str] = []
        self.unlabelled: list[str] = []
        self.touches: list[Touch] = []

    def keep(self, record: Record, kind: str) -> None:
        """Copy a row as it is."""
        self._touch(record, "left", kind)
        self.lines.append(_line(record))

    def skip(self, item: Skip) -> None:
        """Leave out a row as the reader did; a row without a label goes to a file of its own."""
        self.touches.append(_removed(item.id, item.reason))
        if item.record is not None:
            self.unlabelled.append(_line(item.record))

    def add(self, record: Record, *, counting: str = "") -> None:
        """Copy a row with every certain fix, unless it has no text or repeats another.

        Args:
            record: its offsets in code points.
            counting: what they counted before, where they have been converted.
        """
        fixed = self._fixer.fix(record)
        built = self._build(fixed.record)
        if isinstance(built, Skip):
            self.touches.append(_removed(record.id, built.reason))
            return
        if isinstance(built, UnlabelledError):
            self.unlabelled.append(_line(fixed.record))
            self.touches.append(_removed(record.id, "no label"))
            return
        if isinstance(built, DataError):
            self._touch(record, "left", built.kind or "unreadable")
        else:
            key = content_key(built), built.answer_key
            first = self._seen.setdefault(key, record.id)
            if first != record.id:
                touch = _removed(record.id, "duplicate", detail=f"repeats {first}")
                self.touches.append(touch)
                return
        if counting:
            self._touch(record, "changed", "shifted-offsets", f"offsets counted {counting}")
        for fault in record.faults:
            self._touch(record, "changed", "unreadable", fault.reason)
        for kind, detail in fixed.changes:
            self._touch(record, "changed", kind, detail)
        for kind, detail in fixed.left:
            self._touch(record, "left", kind, detail)
        self.lines.append(_line(fixed.record))

    def _touch(self, record: Record, action: Action, kind: str, detail: str = "") -> None:
        line = len(self.lines) + 1
        touch = Touch(row=record.id, line=line, action=action, kind=kind, detail=detail)
        self.touches.append(touch)

    def _build(self, record: Record) -> Example | Skip | DataError:
        try:
            return self._builder.build(record)
        except DataError as error:
            return error


def _label_counts(records: list[Record], builder: Builder) -> Mapping[str, int]:
    """The labels of the rows that can be read, most frequent first."""
    examples = []
    for record in records:
        try:
            built = builder.build(record)
        except DataError:
            continue
        if not isinstance(built, Skip):
            examples.append(built)
    return count_labels(examples)


def unlabelled_file(out: Path) -> Path:
    """The file for the rows without a label, which the copy leaves out."""
    return out.with_suffix(".unlabelled.jsonl")


def _line(record: Record) -> str:
    return json.dumps(dict(record.fields), ensure_ascii=False, default=str) + "\n"


def check_target(out: Path) -> Path:
    """Check that all files of a copy may be written; returns the path of its log.

    Raises:
        UsageError: one of them exists already, or the copy is not named as JSON Lines.
    """
    if out.suffix.lower() != ".jsonl":
        raise UsageError(f"{out}: the copy is written as JSON Lines", "name it ….jsonl")
    log = out.with_suffix(".log.jsonl")
    for path in (out, log, unlabelled_file(out)):
        if path.exists():
            raise UsageError(f"{path} exists already", "name another file, or remove it")
    return log


_REASONS = {
    "no label": "no-label",
    "blank line": "blank-line",
    "empty row": "blank-line",
    "duplicate": "duplicate",
}


def _removed(row: str, reason: str, *, detail: str = "") -> Touch:
    kind = _REASONS.get(reason, "empty-text" if reason.startswith("empty") else "left-out")
    return Touch(row=row, line=None, action="removed", kind=kind, detail=detail)


def _unread(error: DataError, path: Path) -> Touch:
    row = error.row or f"{path.name}:{error.line or 1}"
    return Touch(row=row, line=None, action="unread", kind="unreadable")


def _write(path: Path, text: str) -> None:
    """Write a file completely or not at all, even if the machine stops."""
    write_synced(path, text.encode("utf-8", ESCAPED))
