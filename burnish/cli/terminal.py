"""The two streams of a command: results to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

__all__ = ["Colour", "Terminal", "format_table", "shown"]

Colour = Literal["red", "green", "yellow"]
_CODES: dict[Colour, int] = {"red": 31, "green": 32, "yellow": 33}


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Where a command writes."""

    as_json: bool = False
    """Standard output is one JSON document."""
    out: TextIO = field(default_factory=lambda: sys.stdout)
    notes: TextIO = field(default_factory=lambda: sys.stderr)

    @property
    def is_interactive(self) -> bool:
        """Somebody watches: progress bars are shown."""
        return self.notes.isatty()

    def result(self, text: str = "") -> None:
        """Write a line of the result for a person; nothing where the result is JSON."""
        if not self.as_json:
            print(text, file=self.out, flush=True)

    def table(self, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write a table of the result for a person; nothing where the result is JSON."""
        if not self.as_json:
            self.result(format_table(header, rows))

    def document(self, content: Any) -> None:
        """Write the result as one JSON document; nothing where it is for a person."""
        if self.as_json:
            json.dump(content, self.out, ensure_ascii=False, indent=2, allow_nan=False)
            self.out.write("\n")
            self.out.flush()

    def note(self, text: str) -> None:
        """Write a line about the way to the result."""
        print(text, file=self.notes, flush=True)

    def paint(self, text: str, colour: Colour, *, stream: TextIO | None = None) -> str:
        """Colour a text where ``stream`` (standard output) is a terminal that may show colours."""
        plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        if plain or not (stream or self.out).isatty():
            return text
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m"


def shown(path: Path) -> Path:
    """A path as a person would type it: from the working directory, where it lies inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def format_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns aligned by spaces: text to the left, numbers to the right."""
    body = [[_cell(value) for value in row] for row in rows]
    lines = [list(header), *[[text for text, _ in row] for row in body]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    numeric = [bool(body) and all(row[i][1] for row in body) for i in range(len(header))]
    return "\n".join(
        "  ".join(
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: object) -> tuple[str, bool]:
    if isinstance(value, float):
        return f"{value:.4g}", True
    return str(value), isinstance(value, int)
