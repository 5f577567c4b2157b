"""The log of a cleaned copy: which row was touched, how, and which was left as it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from burnish.plural import plural

__all__ = ["Action", "FixedFile", "Touch"]

Action = Literal["changed", "removed", "left", "unread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What was done to a row. Holds no text of it."""

    row: str
    """Its id in the file that was read."""
    line: int | None
    """Its line in the copy; None where it is not in it."""
    action: Action
    """left: something is wrong with it that has no certain fix; unread: so wrong that the copy
    cannot hold it."""
    kind: str
    """Of the finding that it answers, or ``whitespace``."""
    detail: str = ""
    """Where in the row, and what stands there now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFile:
    """A cleaned copy and its log, as they were written."""

    path: Path
    log: Path
    rows: int
    touches: tuple[Touch, ...]
    unlabelled: Path | None = None
    """The file of the rows without a label; None where there are none."""
    unlabelled_rows: int = 0

    def describe(self) -> str:
        """One line for a person."""
        counts = Counter(action for _, action in {(t.row, t.action) for t in self.touches})
        done = ", ".join(f"{counts[each]} {each}" for each in ("changed", "removed", "left"))
        unread = f", {counts['unread']} unreadable and not copied" if counts["unread"] else ""
        rows = plural(self.rows, "# [row|rows]")
        line = f"{self.path}: {rows} ({done}{unread}); every row touched: {self.log}"
        if self.unlabelled is None:
            return line
        return f"{line}; {self.unlabelled_rows} without a label: {self.unlabelled}"

    def lines(self) -> Iterator[str]:
        """The log as JSON Lines."""
        return (json.dumps(asdict(touch), ensure_ascii=False) + "\n" for touch in self.touches)

    def to_json(self) -> dict[str, object]:
        """Counts by action and kind as JSON values."""
        counts = Counter(f"{touch.action} {touch.kind}" for touch in self.touches)
        return {
            "file": str(self.path),
            "log": str(self.log),
            "unlabelled": str(self.unlabelled) if self.unlabelled else None,
            "rows": self.rows,
            "done": counts,
        }
