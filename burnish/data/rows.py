"""Rows: the examples that were read from a file, and what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from burnish.data.records import Skip, row_number
from burnish.tasks.examples import Example

__all__ = ["Rows", "SourceFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that was read."""

    path: Path
    sha256: str
    """Digest of the file's bytes, 64 hex digits."""
    rows: int
    """Rows that became examples."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Rows left out, by reason."""
    skipped_at: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Their ids (``file name:line``), by reason."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where a row that was left out begins, by its id, if the id does not say so."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was read: the columns that were not."""

    @classmethod
    def read_from(
        cls, path: Path, *, sha256: str, rows: int, skips: Sequence[Skip], places: int | None = None
    ) -> Self:
        """The file with the rows that were left out.

        Args:
            path: of the file.
            sha256: its digest.
            rows: how many became examples.
            skips: the rows that were left out.
            places: how many of their ids are kept for each reason; None: all.
        """
        ids: dict[str, list[str]] = {}
        for skip in skips:
            ids.setdefault(skip.reason, []).append(skip.id)
        return cls(
            path=path,
            sha256=sha256,
            rows=rows,
            skipped=dict(Counter(skip.reason for skip in skips)),
            skipped_at={reason: tuple(each[:places]) for reason, each in ids.items()},
            lines={skip.id: line for skip in skips if (line := row_number(skip.place))},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The examples of a file, in its order."""

    task: str
    """What they are for: a name in the table of tasks."""
    examples: tuple[Example, ...]
    multi_label: bool = False
    """Classification: a row has any number of labels, not exactly one."""
    files: tuple[SourceFile, ...] = ()

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def name(self) -> str:
        """The files' names, for messages."""
        return ", ".join(str(file.path) for file in self.files) or "the rows"
