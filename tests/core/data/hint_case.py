"""A case of a hint: a refused file, and what a person makes of it who does as the hint says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """A refused file and what the hint makes of it; what is not said stays as it was."""

    task: str
    bad: str | bytes
    hint: str
    """What the hint says, in part."""
    good: str | bytes | None = None
    name: str = "rows.jsonl"
    columns: dict[str, Any] = field(default_factory=dict)
    good_columns: dict[str, Any] | None = None
    good_task: str = ""
