"""SBOM and VEX of burnish with its packages, in a directory: of this Python, or of a release."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cyclonedx.model.component import Component, ComponentType

from burnish import __version__
from burnish.directory import write_synced
from burnish.errors import UsageError

from .document import SBOM, VEX, validate_document
from .exploitability import exploitability
from .packages import Package, installed_packages
from .software import library, software_sbom

__all__ = ["Written", "write_installation", "write_packages"]

_BURNISH = "burnish"
_LICENSE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Written:
    """Two documents that belong together."""

    sbom: Path
    vex: Path
    packages: int
    """How many the SBOM lists."""


def write_installation(directory: Path, *, made: datetime | None) -> Written:
    """Write SBOM and VEX of every package that this Python can import.

    Raises:
        UsageError: the directory cannot be made or written.
    """
    packages = installed_packages()
    own = next((each for each in packages if each.key == _BURNISH), None)
    others = [each for each in packages if each is not own]
    return write_packages(directory, others, requires=own.requires if own else (), made=made)


def write_packages(
    directory: Path, packages: Sequence[Package], *, requires: Iterable[str], made: datetime | None
) -> Written:
    """Write SBOM and VEX of burnish with some packages; both are valid CycloneDX 1.6.

    Args:
        directory: it is made if it is missing; older documents in it are replaced.
        packages: what is installed with burnish, without burnish.
        requires: keys of the packages that burnish itself needs.
        made: the documents' date; None: they have none.

    Raises:
        UsageError: the directory cannot be made or written.
    """
    subject = _application()
    sbom = software_sbom(subject, packages, requires=requires, made=made)
    vex = exploitability(subject, packages, sbom, made=made)
    for document in (sbom, vex):
        validate_document(document)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_synced(directory / SBOM, sbom.text.encode())
        write_synced(directory / VEX, vex.text.encode())
    except OSError as error:
        raise UsageError(
            f"{directory}: no file can be written there: {error.strerror}",
            "name a directory that you may write to",
        ) from error
    return Written(directory / SBOM, directory / VEX, len(packages))


def _application() -> Component:
    component = library(Package(_BURNISH, __version__, _LICENSE))
    component.type = ComponentType.APPLICATION
    return component
