"""Sources: where the models of a server come from. A path has one of these forms.

::

    BUNDLE                    a bundle, served under its manifest's name
    DIRECTORY/BUNDLE          a directory of bundles
    MODELS/NAME/VERSION       a directory of models, each served under its directory's name
    MODELS/NAME/active.json   which version; the newest where there is none
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from burnish.bundle import MANIFEST
from burnish.errors import BundleError

from .versions import ACTIVE, Active, check_version, find_active, is_name, versions_of

__all__ = ["Candidate", "Source", "find_sources", "model_directory", "model_names"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bundle directory that may be served."""

    version: str
    path: Path
    choice: Active | None = None
    """How the version was chosen, if it is the active one."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the model of one name comes from."""

    name: str
    """Empty if the manifest has the name."""
    path: Path
    """The bundle, or the directory of its versions."""

    @property
    def has_versions(self) -> bool:
        """Whether it is a directory of versions."""
        return bool(self.name)

    def active(self) -> Candidate:
        """The bundle to serve.

        Raises:
            BundleError: there is no version, or ``active.json`` is damaged or names none.
        """
        if not self.has_versions:
            return Candidate("", self.path)
        choice = find_active(self.path)
        return Candidate(choice.active, check_version(self.path, choice.active), choice)

    def former(self) -> list[Candidate]:
        """The versions that were active before and still exist, the latest first."""
        if not self.has_versions:
            return []
        there = set(versions_of(self.path))
        history = reversed(find_active(self.path).history)
        return [Candidate(each, self.path / each) for each in history if each in there]


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """The sources in ``paths``.

    Raises:
        BundleError: a path holds no bundle, or a model's directory is a link or has no proper name.
    """
    found: list[Source] = []
    for path in paths:
        if (path / MANIFEST).exists():
            inside = [Source("", path)]
        elif os.path.lexists(path / ACTIVE):
            inside = [_named(path)]
        else:
            inside = _inside(path)
        if not inside:
            raise BundleError(
                f"{path}: neither a bundle nor a directory of bundles",
                "name bundles on the command line or in BURNISH_BUNDLES; "
                "burnish export RUN -o BUNDLE makes one",
            )
        found += inside
    return found


def model_names(models: Path) -> list[str]:
    """The names of the directories in ``models`` that have versions."""
    if not models.is_dir():
        raise BundleError(f"{models}: there is no such directory", "burnish models list MODELS")
    return sorted(path.name for path in _children(models) if _has_versions(path))


def model_directory(models: Path, name: str) -> Path:
    """The directory of a model's versions.

    Raises:
        BundleError: it is not a name, or not a directory of its own.
    """
    if not is_name(name):
        raise BundleError(
            f"{models}: {name!r} is not a name for a model",
            "use 1 to 64 of A-Z a-z 0-9 . _ - with a letter or a digit first",
        )
    path = models / name
    if path.is_symlink() or not path.is_dir():
        known = ", ".join(model_names(models)[:5]) or "none"
        raise BundleError(f"{models}: there is no model {name}", f"there are: {known}")
    return path


def _inside(path: Path) -> list[Source]:
    found = []
    for child in _children(path):
        if (child / MANIFEST).exists():
            found.append(Source("", child))
        elif _has_versions(child):
            found.append(_named(child))
    return found


def _named(path: Path) -> Source:
    """The source in a model's directory, which gives it the name."""
    # Of a link the name is the link's, and what it leads to may change under the server.
    if path.is_symlink() or not is_name(path.absolute().name):
        raise BundleError(
            f"{path}: a model's directory must not be a link, and its name must be a letter or a "
            "digit and up to 63 of A-Z a-z 0-9 . _ -",
            "rename it: the model is served under this name",
        )
    return Source(path.absolute().name, path)


def _has_versions(path: Path) -> bool:
    if os.path.lexists(path / ACTIVE):
        return True
    return any((child / MANIFEST).exists() for child in _children(path))


def _children(path: Path) -> list[Path]:
    """The directories in ``path`` but the hidden ones, which are unfinished exports."""
    if not path.is_dir():
        return []
    return sorted(child for child in path.iterdir() if child.name[0] != "." and child.is_dir())
