"""A model in service, and the outcomes of a reload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from burnish.runtime import Model

__all__ = ["Change", "Outcome", "ServedModel"]

Change = Literal["kept", "added", "switched", "refused", "gone"]
"""``gone``: its directory has been removed; it stays in service until the server ends."""


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A model with its name and version. A request takes one and keeps it to its end."""

    name: str
    version: str
    """The version's name in a directory of versions; empty for a single bundle."""
    model: Model
    digest: str
    """The bundle's identity; every answer carries it."""
    path: Path
    card: str
    """The model card's text, as it was when the bundle was loaded."""

    @property
    def task(self) -> str:
        """Its task."""
        return self.model.task


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a reload for one name."""

    name: str
    """Empty for a path that holds no bundle."""
    version: str
    change: Change
    digest: str = ""
    """The digest of the bundle in service now; empty if there is none."""
    reason: str = ""
    """Why it was refused, and how to fix it."""
