"""Switching versions: the new one is loaded and checked in full before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from burnish.errors import BundleError
from burnish.runtime import Workers, load_model

from .checks import replay_probes
from .sources import model_directory
from .versions import Active, check_version, find_active, locked, write_active

__all__ = ["Switch", "activate", "roll_back"]


@dataclass(frozen=True, slots=True)
class Switch:
    """A version that was made active."""

    name: str
    version: str
    former: str
    """What was active before; empty where that cannot be told."""
    digest: str
    probes: int
    """How many were replayed; 0: the bundle has none recorded."""


def activate(models: Path, name: str, version: str) -> Switch:
    """Make a version the active one. A running server follows when it is told to reload.

    Args:
        models: the directory of models.
        name: of a model in it.
        version: of that model.

    Raises:
        BundleError: there is no such version, it is damaged, or it answers otherwise than at
            export; then nothing is written.
    """
    directory = model_directory(models, name)
    with locked(directory):
        path = check_version(directory, version)
        digest, probes = _check(path)
        before = _active_or_none(directory)
        after = before.switched(version) if before else _first(version)
        write_active(directory, after)
    return Switch(name, version, before.active if before else "", digest, probes)


def roll_back(models: Path, name: str) -> Switch:
    """Make the version active that was so before.

    Raises:
        BundleError: there is none in the history, or it is damaged; then nothing is written.
    """
    directory = model_directory(models, name)
    with locked(directory):
        before = find_active(directory)
        if not before.history:
            raise BundleError(
                f"{directory}: no version was active before {before.active}",
                f"choose one: burnish models activate {models} {name} VERSION",
            )
        after = before.rolled_back()
        digest, probes = _check(check_version(directory, after.active))
        write_active(directory, after)
    return Switch(name, after.active, before.active, digest, probes)


def _check(path: Path) -> tuple[str, int]:
    with Workers(1) as workers:
        model = load_model(path, workers=workers)
        replay_probes(model)
    recorded = model.bundle.manifest.probes
    return model.bundle.digest, len(recorded.answers) if recorded else 0


def _active_or_none(directory: Path) -> Active | None:
    """What is active; None where ``active.json`` is damaged, which activating mends."""
    try:
        return find_active(directory)
    except BundleError:
        return None


def _first(version: str) -> Active:
    return Active(active=version, time="").switched(version)
