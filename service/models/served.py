"""A model as it is served, and what a look at the bundles brought about."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from burnish.runtime import Model

__all__ = ["Change", "Outcome", "ServedModel"]

Change = Literal["kept", "added", "switched", "refused", "gone"]
"""``gone``: its directory is no longer there, and it is served on until the server ends."""


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A model, and what it is served as. A request takes one and keeps it to its end."""

    name: str
    version: str
    """Of a directory of versions; empty of a single bundle."""
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
    """What became of one name."""

    name: str
    """Empty where a path holds no bundle, so that there is no name."""
    version: str
    change: Change
    digest: str = ""
    """Of what is served now; empty where nothing is."""
    reason: str = ""
    """Why it was refused, and how to fix it."""
