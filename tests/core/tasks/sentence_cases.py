"""The marked texts of sentence_cases.tsv."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["CASES", "MISSED", "Case"]


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its sentences."""

    kind: str
    marked: str

    @property
    def text(self) -> str:
        """The text without marks."""
        return self.marked.replace("\xa6", "")

    @property
    def sentences(self) -> list[str]:
        """The sentences without the white space around them."""
        return [part.strip() for part in self.marked.split("\xa6")]


def _read() -> list[Case]:
    text = Path(__file__).with_suffix(".tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return [Case(kind, marked.replace("\u23ce", "\n")) for kind, marked in rows]


CASES = [case for case in _read() if case.kind != "missed"]
MISSED = [case for case in _read() if case.kind == "missed"]
"""Known to be split wrongly."""
