"""The floors of pyproject.toml: the same everywhere, and above known vulnerabilities."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

from burnish.service.package import _requirements
from burnish.supply_chain import packages as supply_chain
from burnish.supply_chain.vulnerabilities import known_vulnerabilities
from tests.lowest import ROOT, floors, normalized

TRUE = {
    "onnxruntime": ("1.22", "1.20 and 1.21 do not load graphs with 8-bit blocks"),
    "uvicorn": ("0.45", "0.30 does not start; 0.31 to 0.44 answer 500: no _start_asgi_task"),
}
"""The first version with which burnish works."""
EXTRAS = ("train", "serve", "ray")
ALL = (*EXTRAS, "excel", "mlflow", "package", "parquet", "tensorboard", "dev", "docs")


def parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def pins() -> dict[str, str]:
    """The versions in constraints.txt."""
    return {
        each.key: each.version for each in supply_chain.pinned_packages(ROOT / "constraints.txt")
    }


def admitted() -> dict[str, str]:
    """The oldest version of each package that burnish's requirements admit.

    A direct requirement's floor; for what comes with others the pin, which the documented
    installation, the air-gap kit and the archives take as a constraint.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (build,) = project["build-system"]["requires"]
    name, _, least = build.partition(">=")
    return {**pins(), name: least, **floors(*ALL)}


def open_faults(versions: dict[str, str]) -> list[str]:
    """What of the table affects some versions, though a release fixes it or never had it."""
    return [
        f"{each.id}: {each.package} {versions[key]}"
        for each in known_vulnerabilities()
        if (key := normalized(each.package)) in versions
        and each.affects(versions[key])
        and not (each.fixed is None and each.affects(pins()[key]))
    ]


@pytest.mark.parametrize(("package", "least"), [(k, v[0]) for k, v in TRUE.items()])
def test_a_floor_admits_no_version_that_does_not_work(package: str, least: str) -> None:
    assert parts(floors(*EXTRAS)[package]) >= parts(least), TRUE[package][1]


def test_no_version_with_a_known_vulnerability_is_admitted() -> None:
    assert open_faults(admitted()) == []


def test_no_pin_has_a_known_vulnerability_that_a_release_fixes() -> None:
    assert open_faults(pins()) == []


@pytest.mark.parametrize(
    ("package", "version", "found"),
    [
        ("tqdm", "4.66", ["CVE-2024-34062: tqdm 4.66"]),
        ("starlette", "1.3", ["CVE-2026-54283: starlette 1.3"]),
        ("torch", "2.10", ["CVE-2025-3000: torch 2.10", "CVE-2026-4538: torch 2.10"]),
        ("h11", "0.14.0", ["CVE-2025-43859: h11 0.14.0"]),
    ],
)
def test_an_older_version_would_be_found(package: str, version: str, found: list[str]) -> None:
    assert open_faults({package: version}) == found


def test_every_package_of_the_table_is_pinned() -> None:
    assert {normalized(each.package) for each in known_vulnerabilities()} <= set(pins())


def test_every_requirement_names_a_least_version() -> None:
    assert len(floors(*EXTRAS, "excel", "mlflow", "parquet", "tensorboard")) > 20


def test_the_pins_are_not_below_the_floors() -> None:
    pinned = pins()
    for package, least in floors(*ALL).items():
        assert Version(pinned[package]) >= Version(least), package


def test_an_archive_asks_for_what_the_serve_install_asks_for() -> None:
    """The repository's own bentofile.yaml too, which no code can fill in."""
    bentofile = yaml.safe_load(Path(ROOT, "bentofile.yaml").read_text(encoding="utf-8"))
    assert {floor_of(line) for line in bentofile["python"]["packages"]} == {
        floor_of(line) for line in _requirements()
    }
    assert {floor_of(line) for line in _requirements()} == {
        f"{name}>={'.'.join(map(str, trimmed(version)))}"
        for name, version in floors("serve").items()
    }


def floor_of(requirement: str) -> str:
    match = re.match(r"([A-Za-z0-9._-]+)(?:[^>]*)>=([0-9.]+)", requirement)
    assert match is not None, requirement
    return f"{normalized(match[1])}>={'.'.join(map(str, trimmed(match[2])))}"


def trimmed(version: str) -> tuple[int, ...]:
    numbers = list(parts(version))
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
