"""The versions in a directory of models; a damaged one with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from burnish.bundle import read_bundle
from burnish.errors import BundleError
from burnish.signing.trust import Trust

from .sources import model_directory, model_names
from .versions import find_active, refused_entries, versions_of

__all__ = ["ListedVersion", "list_versions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    """What can be read of one version."""

    name: str
    version: str
    active: bool = False
    task: str = ""
    precision: str = ""
    digest: str = ""
    created: str = ""
    metric: str = ""
    """The name of the task's main metric."""
    value: float | None = None
    """Its value on the validation rows."""
    probes: int = 0
    """How many answers its self-test records."""
    signed_by: tuple[str, ...] = ()
    """Fingerprints of the trusted keys that signed it; without trust, of the keys that its
    signatures name."""
    labels_change: str = ""
    """Why it has other labels than the version before it, if `activate` has recorded that."""
    damage: str = ""
    """Why it cannot be served; empty where every byte is as exported, and signed if it must be."""


def list_versions(models: Path, *, trust: Trust | None = None) -> Iterator[ListedVersion]:
    """Every version of every model. Each file is verified; no self-test is run.

    ``trust`` says whose signature a version must have.

    Raises:
        BundleError: ``models`` is not a directory, or holds no model.
    """
    names = model_names(models)
    if not names:
        raise BundleError(
            f"{models}: holds no model", "burnish export RUN -o MODELS/NAME/VERSION makes one"
        )
    for name in names:
        try:
            directory = model_directory(models, name)
        except BundleError:
            yield ListedVersion(
                name=name, version="", damage="it is a link, or its name is not valid"
            )
        else:
            yield from _of_model(name, directory, trust)


def _of_model(name: str, directory: Path, trust: Trust | None) -> Iterator[ListedVersion]:
    versions = versions_of(directory)
    active, reasons = "", dict[str, str]()
    try:
        choice = find_active(directory)
        active = choice.active
        reasons = {each.version: each.reason for each in choice.labels_changes}
    except BundleError as error:
        yield ListedVersion(name=name, version="", damage=error.message)
    for version in versions:
        listed = _listed(name, version, directory / version, trust)
        reason = reasons.get(version, "")
        yield replace(listed, active=version == active, labels_change=reason)
    if active and active not in versions:
        yield ListedVersion(name=name, version=active, active=True, damage="it is missing")
    for entry, reason in refused_entries(directory).items():
        if entry != active:
            yield ListedVersion(name=name, version=repr(entry)[1:-1], damage=reason)


def _listed(name: str, version: str, path: Path, trust: Trust | None) -> ListedVersion:
    try:
        bundle = read_bundle(path, trust=trust)
    except (BundleError, OSError) as error:
        message = error.message if isinstance(error, BundleError) else str(error.strerror)
        damage = message.removeprefix(f"{path}: ")
        return ListedVersion(name=name, version=version, damage=damage)
    manifest = bundle.manifest
    metric = manifest.task.main_metric
    scores = manifest.metrics.get("validation")
    value = scores.get(metric) if isinstance(scores, dict) else None
    return ListedVersion(
        name=name,
        version=version,
        task=manifest.task.task,
        precision=manifest.precision,
        digest=bundle.digest,
        created=manifest.created,
        metric=metric,
        value=value if isinstance(value, int | float) else None,
        probes=len(manifest.probes.answers) if manifest.probes else 0,
        signed_by=bundle.signatures if trust is None else bundle.signed_by,
    )
