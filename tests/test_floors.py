"""The floors of pyproject.toml: the same everywhere, and above known vulnerabilities."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from burnish.service.package import _requirements
from tests.lowest import ROOT, floors, normalized

SAFE = {
    "jinja2": ("3.1.6", "published advisories concern the versions before it"),
    "onnx": ("1.21", "published advisories concern the versions before it"),
    "ray": ("2.54", "published advisories concern the versions before it"),
    "starlette": ("1.0.1", "published advisories concern the versions before it"),
    "torch": ("2.10", "published advisories concern the versions before it"),
}
"""The first version that no advisory known at the last review (November 2026) concerns."""
TRUE = {
    "onnxruntime": ("1.22", "1.20 and 1.21 do not load graphs with 8-bit blocks"),
    "uvicorn": ("0.45", "0.30 does not start; 0.31 to 0.44 answer 500: no _start_asgi_task"),
}
"""The first version with which burnish works."""
EXTRAS = ("train", "serve", "ray")


def parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@pytest.mark.parametrize(("package", "least"), [(k, v[0]) for k, v in (SAFE | TRUE).items()])
def test_a_floor_admits_no_version_that_is_known_to_be_wrong(package: str, least: str) -> None:
    assert parts(floors(*EXTRAS)[package]) >= parts(least), (SAFE | TRUE)[package][1]


def test_every_requirement_names_a_least_version() -> None:
    assert len(floors(*EXTRAS, "mlflow", "parquet", "tensorboard")) > 20


def test_the_pins_are_not_below_the_floors() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {
        normalized(name): version
        for name, _, version in (line.partition("==") for line in lines if "==" in line)
    }
    for package, least in floors(
        *EXTRAS, "mlflow", "parquet", "tensorboard", "dev", "docs"
    ).items():
        numbers = re.match(r"[0-9.]+", pins[package])
        assert numbers is not None
        assert parts(numbers[0].rstrip(".")) >= parts(least), package


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
