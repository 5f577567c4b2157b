"""Mutants that no test noticed, and those of them that nothing could notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Survivor", "equivalents", "survivor_of"]

_LIST = Path(__file__).parent / "equivalent.yaml"

Key = tuple[str, str, str]
"""File, the line as it was, and the line as it is in the mutant."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that no test noticed."""

    target: str
    file: str
    line: int
    was: str
    now: str
    reason: str
    """Why it does not matter; empty where it does."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.was}  ->  {self.now}"


def equivalents() -> dict[Key, str]:
    """The mutants that do not matter, and why."""
    listed = yaml.safe_load(_LIST.read_text(encoding="utf-8")) or []
    return {(each["file"], each["was"], each["now"]): each["why"] for each in listed}


def survivor_of(target: str, mutant: Any, diff: str, known: dict[Key, str]) -> Survivor:
    """Describe a mutant by its lines.

    Args:
        target: its name.
        mutant: cosmic-ray's work item.
        diff: unified.
        known: those that do not matter.
    """
    (mutation,) = mutant.mutations
    file = str(mutation.module_path)
    was, now = (
        " ".join(
            line[1:].strip()
            for line in diff.splitlines()
            if line.startswith(sign) and not line.startswith(sign * 3)
        )
        for sign in "-+"
    )
    line = int(mutation.start_pos[0])
    return Survivor(target, file, line, was, now, known.get((file, was, now), ""))
