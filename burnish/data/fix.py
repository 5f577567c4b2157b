"""Fixing: a copy of a rows file in which what has a certain mend is mended, and nothing else.

Mended: mojibake, control characters, white space at the ends of texts and entities, offsets of
entities and answers whose text stands in the row exactly once, entities given twice, spellings of
a label, quotes around it, and lists of labels that were printed as text. Removed: rows without a
text and rows that repeat an earlier one.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from burnish.data.builders import BUILDERS, Builder
from burnish.data.checks.spelling import spelling_mends
from burnish.data.checks.subject import answer_key, count_labels
from burnish.data.columns import Columns
from burnish.data.content import content_key
from burnish.data.examples import Example
from burnish.data.fix_log import FixedFile, Touch
from burnish.data.printed import find_printed
from burnish.data.readers import choose_format
from burnish.data.records import Record, Skip
from burnish.data.row_mends import RowMender
from burnish.errors import DataError, UsageError

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
        UsageError: the copy is there already, or is no JSON Lines file.
        DataError: the file cannot be read to its end.
    """
    log = check_target(out)
    items = list(choose_format(path, task, columns=columns).read(path, columns, task=task))
    records = [item for item in items if isinstance(item, Record)]
    touches = [_removed(item.id, item.reason) for item in items if isinstance(item, Skip)]
    printed = find_printed(records, columns) if task == "classification" else None
    plain = RowMender(columns, task, labels={}, printed=printed)
    counts = _label_counts([plain.mend(record).record for record in records], task, columns)
    mends = {} if task == "qa" else spelling_mends(counts, settled=settled)
    copy = _Copy(BUILDERS[task](columns), RowMender(columns, task, labels=mends, printed=printed))
    for record in records:
        copy.add(record)
    done = FixedFile(path=out, log=log, rows=len(copy.lines), touches=(*touches, *copy.touches))
    _write(out, "".join(copy.lines))
    _write(log, "".join(done.lines()))
    return done


class _Copy:
    """The rows that are kept."""

    def __init__(self, builder: Builder, mender: RowMender) -> None:
        self._builder = builder
        self._mender = mender
        self._seen: dict[tuple[str, object], str] = {}
        self.lines: list[str] = []
        self.touches: list[Touch] = []

    def add(self, record: Record) -> None:
        mended = self._mender.mend(record)
        built = self._build(mended.record)
        if isinstance(built, Skip):
            self.touches.append(_removed(record.id, built.reason))
            return
        line = len(self.lines) + 1
        if isinstance(built, DataError):
            kind = built.kind or "unreadable"
            self.touches.append(Touch(row=record.id, line=line, action="left", kind=kind))
        else:
            key = content_key(built), answer_key(built)
            first = self._seen.setdefault(key, record.id)
            if first != record.id:
                touch = _removed(record.id, "duplicate", detail=f"repeats {first}")
                self.touches.append(touch)
                return
        self.touches += [
            Touch(row=record.id, line=line, action="changed", kind=kind, detail=detail)
            for kind, detail in mended.changes
        ]
        self.lines.append(
            json.dumps(dict(mended.record.fields), ensure_ascii=False, default=str) + "\n"
        )

    def _build(self, record: Record) -> Example | Skip | DataError:
        try:
            return self._builder.build(record)
        except DataError as error:
            return error


def _label_counts(records: list[Record], task: str, columns: Columns) -> Mapping[str, int]:
    """The labels of the rows that can be read, most frequent first."""
    builder = BUILDERS[task](columns)
    examples = []
    for record in records:
        try:
            built = builder.build(record)
        except DataError:
            continue
        if not isinstance(built, Skip):
            examples.append(built)
    return count_labels(examples)


def check_target(out: Path) -> Path:
    """Where the log of a copy goes, once both may be written.

    Raises:
        UsageError: one is there already, or the copy is no JSON Lines file.
    """
    if out.suffix.lower() != ".jsonl":
        raise UsageError(f"{out}: the copy is written as JSON Lines", "name it ….jsonl")
    log = out.with_suffix(".log.jsonl")
    for path in (out, log):
        if path.exists():
            raise UsageError(f"{path} is there already", "name another file, or remove it")
    return log


_REASONS = {"blank line": "blank-line", "empty row": "blank-line", "duplicate": "duplicate"}


def _removed(row: str, reason: str, *, detail: str = "") -> Touch:
    kind = _REASONS.get(reason, "empty-text" if reason.startswith("empty") else "left-out")
    return Touch(row=row, line=None, action="removed", kind=kind, detail=detail)


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
