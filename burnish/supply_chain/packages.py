"""The packages of an installation or of a constraints file: names, versions, requirements.

The environment is read by ``importlib.metadata`` and not by cyclonedx-bom, whose command writes
the paths of editable installs into its output and whose modules are no public interface. A test
compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from burnish.errors import UsageError

__all__ = ["Package", "burnish_packages", "installed_packages", "pinned_packages"]

_BURNISH = "burnish"
_NOT_SHIPPED = {"all", "dev", "docs"}
"""Extras of burnish that no user of it needs."""
_LONGEST_LICENSE = 100
"""Some packages have the licence's whole text where its name should be."""
_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?(.+)$")
_PIN = re.compile(r"([A-Za-z0-9._-]+)==([^\s;#]+)")


@dataclass(frozen=True, slots=True)
class Package:
    """One package at one version."""

    name: str
    """As its authors write it: ``ruamel.yaml``, ``PyYAML``."""
    version: str
    license: str = ""
    """An SPDX expression or a name; empty: unknown."""
    requires: tuple[str, ...] = ()
    """Keys of other packages of the same list that it needs."""

    @property
    def key(self) -> str:
        """Its name as PEP 503 compares it: ``ruamel-yaml``, ``pyyaml``."""
        return canonicalize_name(self.name)


def installed_packages() -> tuple[Package, ...]:
    """Every package that this Python can import, by name."""
    found = _distributions()
    return _packages(found, {(name, "") for name in found} | _burnish(found))


def burnish_packages() -> tuple[Package, ...]:
    """The installed packages that burnish needs, with those of its extras that are there."""
    found = _distributions()
    return _packages(found, _burnish(found))


def pinned_packages(constraints: Path) -> tuple[Package, ...]:
    """The packages that a constraints file pins.

    Raises:
        UsageError: a line is neither a comment nor ``name==version``.
    """
    packages = []
    for number, line in enumerate(constraints.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if not (pin := _PIN.match(line)):
            raise UsageError(
                f"{constraints}:{number}: {line!r} pins no version", "write name==version"
            )
        packages.append(Package(pin[1], pin[2]))
    return tuple(sorted(packages, key=lambda each: each.key))


def _distributions() -> dict[str, Distribution]:
    """The first one per name, which is the one that is imported."""
    found: dict[str, Distribution] = {}
    for each in distributions():
        # A folder that an uninstallation left behind has no metadata.
        if name := _field(each, "Name"):
            found.setdefault(canonicalize_name(name), each)
    return found


def _burnish(found: dict[str, Distribution]) -> set[tuple[str, str]]:
    """Burnish, once without an extra and once with each that brings something to its users."""
    if _BURNISH not in found:
        return set()
    extras = found[_BURNISH].metadata.get_all("Provides-Extra") or ()
    return {(_BURNISH, ""), *((_BURNISH, extra) for extra in extras if extra not in _NOT_SHIPPED)}


def _packages(
    found: dict[str, Distribution], wanted: Iterable[tuple[str, str]]
) -> tuple[Package, ...]:
    """Follow requirements from packages, each with an extra or without one (``""``)."""
    waiting, seen = list(wanted), set(wanted)
    needs: dict[str, set[str]] = {}
    while waiting:
        name, extra = waiting.pop()
        needed = needs.setdefault(name, set())
        for requirement in _requirements(found[name], extra):
            other = canonicalize_name(requirement.name)
            if other not in found:
                continue
            needed.add(other)
            new = {(other, each) for each in ("", *requirement.extras)} - seen
            seen |= new
            waiting += new
    return tuple(_package(name, found[name], needs[name]) for name in sorted(needs))


def _requirements(distribution: Distribution, extra: str) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def _package(key: str, distribution: Distribution, needs: set[str]) -> Package:
    others = tuple(sorted(needs - {key}))
    return Package(
        _field(distribution, "Name"), distribution.version, _license(distribution), others
    )


def _license(distribution: Distribution) -> str:
    for field in ("License-Expression", "License"):
        text = _field(distribution, field).strip()
        if text and text != "UNKNOWN" and len(text) <= _LONGEST_LICENSE and "\n" not in text:
            return text
    every = distribution.metadata.get_all("Classifier") or ()
    named = (_CLASSIFIER.match(each) for each in every)
    return " and ".join(sorted(each[1] for each in named if each))


def _field(distribution: Distribution, name: str) -> str:
    """A field of the metadata; empty where it is missing.

    That gives None in the standard library, but a KeyError once a package (MLflow does) has
    imported ``importlib_metadata``, which puts itself in its place.
    """
    metadata = distribution.metadata
    return str(metadata[name] or "") if name in metadata else ""
