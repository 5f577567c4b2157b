"""The packages of this installation, and of a constraints file."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from burnish.errors import UsageError
from burnish.supply_chain.packages import burnish_packages, installed_packages, pinned_packages
from burnish.supply_chain.software import reference


def test_what_is_installed_is_what_cyclonedx_bom_finds() -> None:
    pytest.importorskip("cyclonedx_py")
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--sv", "1.6", "-o", "-"]
    command += ["--no-validate", sys.executable]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = {
        each["purl"].partition("?")[0]
        for each in json.loads(done.stdout)["components"]
        if "purl" in each
    }
    ours = {reference(each) for each in installed_packages()}
    assert theirs <= ours
    assert len(ours - theirs) <= 1  # an editable burnish has no address there


def test_burnish_needs_its_extras_but_no_tool_of_its_developers() -> None:
    found = {each.key: each for each in burnish_packages()}
    assert {"burnish", "onnxruntime", "starlette", "h11"} <= set(found)
    assert not {"pytest", "mypy", "mkdocs"} & set(found)
    assert found["onnxruntime"].version == version("onnxruntime")
    assert "numpy" in found["onnxruntime"].requires
    for each in found.values():
        assert set(each.requires) <= set(found)


def test_a_backport_in_the_place_of_the_standard_library_changes_nothing() -> None:
    pytest.importorskip("importlib_metadata", reason="comes with MLflow")
    script = (
        "import importlib_metadata\n"
        "from burnish.supply_chain.packages import burnish_packages\n"
        "print(sorted((each.key, each.license) for each in burnish_packages()))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted((e.key, e.license) for e in burnish_packages()))


def test_pins_are_read(tmp_path: Path) -> None:
    file = tmp_path / "constraints.txt"
    file.write_text("# all\n\nJinja2==3.1.6\nruamel.yaml==0.19.1 ; python_version > '3'\n")
    assert [(each.key, each.version) for each in pinned_packages(file)] == [
        ("jinja2", "3.1.6"),
        ("ruamel-yaml", "0.19.1"),
    ]


def test_a_line_without_a_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "constraints.txt"
    file.write_text("torch>=2\n")
    with pytest.raises(UsageError, match=r"constraints\.txt:1: 'torch>=2' pins no version"):
        pinned_packages(file)
