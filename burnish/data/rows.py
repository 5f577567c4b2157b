"""Rows: what reading a file gives, and the account of what it left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
    """Where they stand (``file name:line``), by reason."""
    notes: tuple[str, ...] = ()
    """How it was read, where a person should know: columns that are not."""


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
