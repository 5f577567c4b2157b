"""The SBOM of installed or pinned packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from packageurl import PackageURL

from .document import Document, new_bom, render_document
from .packages import Package

__all__ = ["add_libraries", "library", "reference", "software_sbom"]


def software_sbom(
    subject: Component,
    packages: Sequence[Package],
    *,
    requires: Iterable[str],
    made: datetime | None,
) -> Document:
    """Render the SBOM of a set of packages.

    Args:
        subject: what is installed.
        packages: as `installed_packages` or `pinned_packages` gives them.
        requires: keys of those among them that the subject itself needs; where none is listed, it
            depends on all.
        made: the document's date; None: it has none.
    """
    bom = new_bom(subject, made=made)
    libraries = add_libraries(bom, packages)
    wanted = [libraries[key] for key in requires if key in libraries]
    bom.register_dependency(subject, wanted or libraries.values())
    return render_document(bom, made=made)


def add_libraries(bom: Bom, packages: Iterable[Package]) -> dict[str, Component]:
    """Add packages and what they need to a document; the components by the packages' keys."""
    packages = tuple(packages)
    libraries = {package.key: library(package) for package in packages}
    bom.components.update(libraries.values())
    for package in packages:
        needed = [libraries[key] for key in package.requires if key in libraries]
        bom.register_dependency(libraries[package.key], needed)
    return libraries


def library(package: Package) -> Component:
    """Make the component of a package. Its address (purl) is its reference: scanners match both."""
    purl = _purl(package)
    return Component(
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        name=package.name,
        version=package.version,
        purl=purl,
        licenses=_licenses(package.license),
    )


def reference(package: Package) -> str:
    """Return the reference of a package's component."""
    return _purl(package).to_string()


def _purl(package: Package) -> PackageURL:
    return PackageURL("pypi", name=package.name, version=package.version)


def _licenses(text: str) -> list[License]:
    return [LicenseFactory().make_from_string(text)] if text else []
