"""Known vulnerabilities of burnish's dependencies: ``known_vulnerabilities.yaml`` as data.

``python -m burnish.supply_chain.vulnerabilities`` prints the tables of SECURITY.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["Effect", "Justification", "Vulnerability", "known_vulnerabilities", "render_tables"]

Effect = Literal[
    "code execution",
    "denial of service",
    "file access",
    "information leak",
    "request forgery",
    "not seen",
]
Justification = Literal["code_not_reachable", "protected_by_mitigating_control"]
"""CycloneDX's words for why a vulnerability in a component is none of the whole
(https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis_justification)."""

_FILE = Path(__file__).with_name("known_vulnerabilities.yaml")
_NVD = "NVD"


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Entry(_Closed):
    id: Annotated[str, StringConstraints(pattern=r"^(CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3})$")]
    source: Annotated[str, StringConstraints(pattern=r"^(NVD|GHSA(-[0-9a-z]{4}){3})$")]
    affected: Annotated[tuple[str, ...], Field(min_length=1)]
    fixed: str | None = None
    effect: Effect
    about: str
    reachable: bool | None = None
    justification: Justification | None = None
    detail: str | None = None


class _Package(_Closed):
    reachable: bool = False
    justification: Justification | None = None
    detail: str
    vulnerabilities: Annotated[tuple[_Entry, ...], Field(min_length=1)]


class _Table(_Closed):
    reviewed: date
    packages: dict[str, _Package]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One published vulnerability, and what an affected version would mean for burnish."""

    id: str
    """CVE, or GHSA where none was assigned."""
    source: str
    """The advisory: a GHSA number, or ``NVD``."""
    package: str
    affected: tuple[str, ...]
    """Version specifiers (PEP 440); a version that any of them holds is affected."""
    fixed: str | None
    """The first version without it; None: the advisory names none."""
    effect: Effect
    about: str
    justification: Justification | None
    """Why an affected version does not put burnish at risk; None: it does."""
    detail: str
    """By which code of burnish, or which code prevents it."""

    def affects(self, version: str) -> bool:
        """Whether a version of the package is affected."""
        return any(SpecifierSet(each).contains(version, prereleases=True) for each in self.affected)

    @property
    def url(self) -> str:
        """The advisory's address."""
        if self.source == _NVD:
            return f"https://nvd.nist.gov/vuln/detail/{self.id}"
        return f"https://github.com/advisories/{self.source}"


@cache
def known_vulnerabilities() -> tuple[Vulnerability, ...]:
    """Every vulnerability of the table, by package and number."""
    return tuple(
        Vulnerability(
            id=entry.id,
            source=entry.source,
            package=name,
            affected=entry.affected,
            fixed=entry.fixed,
            effect=entry.effect,
            about=entry.about,
            justification=_justification(package, entry),
            detail=entry.detail or package.detail,
        )
        for name, package in sorted(_table().packages.items(), key=lambda item: item[0].lower())
        for entry in package.vulnerabilities
    )


def _justification(package: _Package, entry: _Entry) -> Justification | None:
    reachable = package.reachable if entry.reachable is None else entry.reachable
    found = entry.justification or package.justification
    if reachable:
        return None
    if found is None:
        raise ValueError(f"{entry.id} is not reachable, but no justification says why")
    return found


@cache
def _table() -> _Table:
    return _Table.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def render_tables() -> str:
    """Render the tables of SECURITY.md: every vulnerability, and the reason per package."""
    known = known_vulnerabilities()
    lines = [
        f"Last review: {_table().reviewed}.",
        "",
        "| advisory | package | versions affected | fixed in | effect | fault | burnish |",
        "|---|---|---|---|---|---|---|",
        *(_row(each) for each in known),
        "",
        "| package | why an affected version is a risk in burnish, or is not |",
        "|---|---|",
        *_reasons(known),
    ]
    return "\n".join(lines) + "\n"


def _row(known: Vulnerability) -> str:
    affected = " or ".join(f"`{each}`" for each in known.affected)
    risk = "affected" if known.justification is None else "not affected"
    return (
        f"| [{known.id}]({known.url}) | {known.package} | {affected} | {known.fixed or 'none'} | "
        f"{known.effect} | {known.about} | {risk} |"
    )


def _reasons(known: tuple[Vulnerability, ...]) -> Iterator[str]:
    """One row per package and reason; an advisory with a reason of its own is named."""
    packages = _table().packages
    for name in dict.fromkeys(each.package for each in known):
        yield f"| {name} | {packages[name].detail} |"
        for each in known:
            if each.package == name and each.detail != packages[name].detail:
                yield f"| {name}, {each.id} | {each.detail} |"


if __name__ == "__main__":
    sys.stdout.write(render_tables())
