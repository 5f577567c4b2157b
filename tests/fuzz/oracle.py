"""The oracle: what `check --fix` may not do to rows that were right."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from burnish.cli.rows import add_column_options, given_columns
from burnish.data import Columns, read_rows
from burnish.errors import BurnishError, DataError
from burnish.tasks.examples import Example
from tests.fuzz.trial import Fault

__all__ = ["judge", "options_as_columns"]

_OF_SEVERAL = frozenset({"labels-alike", "quoted-label", "printed-label"})
"""Changes that other rows of the file may be the reason for."""
_OF_TEXTS = frozenset({"mojibake", "control-character", "whitespace"})


def options_as_columns(options: Sequence[str]) -> Columns:
    """The columns that options of `check` name."""
    parser = argparse.ArgumentParser()
    add_column_options(parser)
    return given_columns(parser.parse_args(list(options)))


def judge(
    path: Path, task: str, columns: Columns, *, right: Sequence[Example], is_right: bool
) -> Iterator[Fault]:
    """What is wrong with a copy, or with that there is none.

    Args:
        path: the file; ``copy.jsonl`` beside it is the copy.
        task: what its rows are for.
        columns: what they are called.
        right: the rows that the file was written from.
        is_right: they are as they were written.
    """
    copy = path.parent / "copy.jsonl"
    if not copy.exists():
        if is_right:
            yield Fault("check --fix", "refused", "a right file")
        return
    try:
        trial = _Trial.read(path, copy, task, columns)
    except BurnishError as error:
        yield Fault("check --fix", "unreadable copy", str(error))
        return
    if is_right and (trial.touches or trial.errors):
        yield Fault("check --fix", "touched", json.dumps(trial.touches) + str(trial.errors))
    if is_right and [row.digest for row in trial.given] != [row.digest for row in right]:
        yield Fault("check", "misread", "the rows of a right file")
    yield from trial.faults({row.digest for row in right})


@dataclass(frozen=True, slots=True)
class _Trial:
    given: Sequence[Example]
    copied: Sequence[Example]
    touches: Sequence[dict[str, Any]]
    errors: Sequence[DataError]

    @classmethod
    def read(cls, path: Path, copy: Path, task: str, columns: Columns) -> _Trial:
        log = copy.with_suffix(".log.jsonl").read_text(encoding="utf-8").splitlines()
        touches = [json.loads(line) for line in log]
        errors: list[DataError] = []
        as_written = columns if columns.offsets else replace(columns, offsets="characters")
        given = read_rows(path, task, columns=as_written, on_error=errors.append)
        copied = read_rows(copy, task, columns=columns, on_error=lambda _: None)
        return cls(given.examples, copied.examples, touches, errors)

    def faults(self, right: Collection[str]) -> Iterator[Fault]:
        """What was done to rows that the log does not name, or for a reason that it does not."""
        lines = {touch["line"] for touch in self.touches} - {None}
        named = {touch["row"] for touch in self.touches}
        kept = [row.digest for row in self.given if row.id not in named]
        others = [row.digest for row in self.copied if _line(row) not in lines]
        if kept != others:
            yield Fault("check --fix", "changed", "rows that the log does not name")
        before = {row.id: row for row in self.given}
        after = {_line(row): row for row in self.copied}
        for name in named & before.keys():
            done = [touch for touch in self.touches if touch["row"] == name]
            kinds = {touch["kind"] for touch in done if touch["action"] == "changed"}
            if before[name].digest in right and kinds - _OF_SEVERAL:
                yield Fault("check --fix", "touched", f"a right row: {done}")
            now = after.get(next((touch["line"] or 0 for touch in done), 0))
            if now is not None and _texts(now) != _texts(before[name]) and not kinds & _OF_TEXTS:
                yield Fault("check --fix", "changed", f"a text, though it says {done}")
            removed = any(touch["action"] == "removed" for touch in done)
            repeats = any(touch["kind"] == "duplicate" for touch in done)
            if before[name].digest in right and removed and not repeats:
                yield Fault("check --fix", "removed", f"a right row: {done}")


def _texts(row: Example) -> tuple[str | None, ...]:
    return tuple(getattr(row, name, None) for name in ("text", "context", "question"))


def _line(row: Example) -> int:
    return int(row.id.rpartition(":")[2])
