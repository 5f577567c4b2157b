"""The log of a cleaned copy: which row was touched, how, and which was left as it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from burnish.plural import plural

__all__ = ["FixedFile", "Touch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """What was done to a row. Holds no text of it."""

    row: str
    """Its id in the file that was read."""
    line: int | None
    """Its line in the copy; None where it was removed."""
    action: Literal["changed", "removed", "left"]
    """left: something is wrong with it that has no certain mend."""
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

    def describe(self) -> str:
        """One line for a person."""
        counts = Counter(action for _, action in {(t.row, t.action) for t in self.touches})
        done = ", ".join(f"{counts[each]} {each}" for each in ("changed", "removed", "left"))
        rows = plural(self.rows, "# [row|rows]")
        return f"{self.path}: {rows} ({done}); every row touched: {self.log}"

    def lines(self) -> Iterator[str]:
        """The log as JSON Lines."""
        return (json.dumps(asdict(touch), ensure_ascii=False) + "\n" for touch in self.touches)

    def to_json(self) -> dict[str, object]:
        """Counts by action and kind as JSON values."""
        counts = Counter(f"{touch.action} {touch.kind}" for touch in self.touches)
        return {"file": str(self.path), "log": str(self.log), "rows": self.rows, "done": counts}
